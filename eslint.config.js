import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const rooms = ["protocol", "core", "agent", "server", "ui", "demo", "test"];

export default tseslint.config(
  {
    ignores: [
      "**/node_modules",
      "**/dist",
      "**/generated",
      ".next",
      "data",
      "next-env.d.ts",
      "test-results",
      "playwright-report",
      "**/*.cjs",
      "**/*.mjs",
      "next.config.js",
      "eslint.config.js",
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts", "**/*.tsx"] })),
  {
    files: ["**/*.ts", "**/*.tsx"],
    languageOptions: {
      parserOptions: {
        project: ["app/tsconfig.json", ...rooms.map((room) => `${room}/tsconfig.json`)],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/unified-signatures": "off",
      "no-console": "error",
      "max-params": "off",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-restricted-properties": ["error", { object: "process", property: "env", message: "Only configuration reads the environment." }],
    },
  },
  {
    files: ["server/**/*.ts", "core/**/*.ts", "protocol/**/*.ts", "agent/src/**/*.ts"],
    rules: { "@typescript-eslint/max-params": ["error", { max: 4 }] },
  },
  {
    files: ["core/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", "setTimeout", "setInterval"],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "The clock is passed in." },
        { object: "Math", property: "random", message: "Chance is passed in." },
      ],
    },
  },
  { files: ["ui/**/*.ts", "ui/**/*.tsx"], plugins: { "react-hooks": reactHooks }, rules: { ...reactHooks.configs.recommended.rules } },
  {
    files: ["**/*.ts", "**/*.tsx"],
    ignores: ["app/**", "*.config.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text only." },
      ],
    },
  },
  {
    files: ["test/**", "bench/**", "demo/**", "scripts/**", "*.config.ts", "server/config.ts", "agent/src/environment.ts", "server/log.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["test/**/*.ts", "test/**/*.tsx", "bench/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/unbound-method": "off",
      "no-console": "off",
    },
  },
  { files: ["demo/**", "scripts/**"], rules: { "no-console": "off" } },
);
