/** The look of the shop; one sheet in every page, no other request. */
export const STYLES = `
:root{--ink:#1d2721;--soft:#5d6b62;--line:#dfe4dc;--paper:#fbfaf6;--card:#fff;--brand:#1f5d43;--brand-ink:#fff;--warn:#8a4b08;--warn-bg:#fdf0da;--info:#234e7a;--info-bg:#e6f0fb;color-scheme:light}
@media (prefers-color-scheme:dark){:root{--ink:#eef2ee;--soft:#a3b0a7;--line:#2d3731;--paper:#121715;--card:#1a211d;--brand:#7fd0a8;--brand-ink:#0d1c15;--warn:#ffcf8c;--warn-bg:#3a2a12;--info:#b5d6fb;--info-bg:#17293d;color-scheme:dark}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,"Segoe UI",sans-serif}
a{color:inherit}header{border-bottom:1px solid var(--line);background:var(--card)}
.wrap{max-width:1120px;margin:0 auto;padding:0 20px}header .wrap{display:flex;gap:24px;align-items:center;padding:14px 20px;flex-wrap:wrap}
.brand{font:700 22px/1 Georgia,"Times New Roman",serif;letter-spacing:-.02em;text-decoration:none;color:var(--brand)}
form.search,span.search{flex:1;display:flex;min-width:220px}form.search input{flex:1;min-width:0;padding:9px 12px;border:1px solid var(--line);border-right:0;border-radius:9px 0 0 9px;background:var(--paper);color:inherit;font:inherit}
form.search button{border-radius:0 9px 9px 0}button,.button{font:600 15px/1 inherit;font-family:inherit;padding:11px 16px;border:0;border-radius:9px;background:var(--brand);color:var(--brand-ink);cursor:pointer;text-decoration:none;display:inline-block}
button.quiet{background:transparent;color:var(--brand);border:1px solid var(--line)}
nav.categories{display:flex;gap:8px;flex-wrap:wrap;padding:16px 0 0}nav.categories a{padding:6px 13px;border:1px solid var(--line);border-radius:99px;text-decoration:none;font-size:14px;background:var(--card)}nav.categories a[aria-current]{background:var(--brand);color:var(--brand-ink);border-color:var(--brand)}
.banner{margin:16px 0 0;padding:12px 16px;border-radius:10px;background:var(--warn-bg);color:var(--warn)}.banner.info{background:var(--info-bg);color:var(--info)}
h1{font:700 30px/1.15 Georgia,serif;letter-spacing:-.02em;margin:26px 0 6px}h2{font-size:19px;margin:32px 0 12px}p.lead{margin:0 0 18px;color:var(--soft)}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(215px,1fr));gap:18px}.card{background:var(--card);border:1px solid var(--line);border-radius:14px;overflow:hidden;display:flex;flex-direction:column}
.card img,.hero img{width:100%;aspect-ratio:4/3;display:block;object-fit:cover;background:var(--line)}img[data-quality=placeholder]{filter:blur(2px) saturate(.5)}
.card .text{padding:12px 14px 14px;display:flex;flex-direction:column;gap:4px;flex:1}.card a{text-decoration:none;font-weight:600}.card form{margin-top:auto;padding-top:8px}.muted{color:var(--soft);font-size:14px}.price{font-weight:700}
.picks{margin-top:32px;padding:18px 20px 22px;border-radius:18px;background:color-mix(in srgb,var(--brand) 9%,var(--paper))}.picks h2{margin-top:0}
.hero{display:grid;grid-template-columns:1.1fr 1fr;gap:32px;margin-top:26px}@media(max-width:760px){.hero{grid-template-columns:1fr}}.hero img{border-radius:16px}
table{width:100%;border-collapse:collapse;margin:12px 0 20px}td,th{padding:10px 4px;border-bottom:1px solid var(--line);text-align:left}td:last-child,th:last-child{text-align:right}
.row{display:flex;gap:10px;flex-wrap:wrap}footer{margin:56px 0 30px;padding-top:18px;border-top:1px solid var(--line);color:var(--soft);font-size:13px}
`;
