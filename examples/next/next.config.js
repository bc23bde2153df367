export default { serverExternalPackages: ["@holdfast/agent"] };
