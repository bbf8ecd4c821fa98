"""The report page's stylesheet: light, dark and print, from 320 pixels on.

Colours meet WCAG 2.1's 4.5:1 for text (https://www.w3.org/TR/WCAG21/#contrast-minimum); a test asks axe-core.
"""

_LIGHT = (
    "--page:#f4f6f9;--card:#fff;--text:#16191f;--quiet:#4b5563;--line:#d3d9e2;--link:#0a4ea8;--code:#eef1f6;"
    "--critical:#9b0c0f;--warning:#7a4d00;--unknown:#5b2a86;--info:#0a4ea8;--fine:#0b6b3d"
)
_DARK = (
    "--page:#0b121b;--card:#111a26;--text:#eef1f5;--quiet:#a9b4c2;--line:#2c3a4d;--link:#8ab8ff;--code:#0b121b;"
    "--critical:#ff9a9a;--warning:#f5b556;--unknown:#cdb0f0;--info:#8ab8ff;--fine:#63dda4"
)

STYLE = f"""
:root{{color-scheme:light dark;{_LIGHT}}}
@media screen and (prefers-color-scheme:dark){{:root{{{_DARK}}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--page);color:var(--text);
font:1rem/1.5 system-ui,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;overflow-wrap:break-word}}
.wide{{max-width:1160px;margin:0 auto;padding:0 20px}}
header{{background:var(--card);border-bottom:1px solid var(--line);padding:28px 0 20px}}
h1{{font-size:1.7rem;line-height:1.2;margin:0 0 4px}}
h2{{font-size:1.3rem;line-height:1.25;margin:44px 0 12px}}
h3{{font-size:1.05rem;line-height:1.35;margin:0 0 8px}}
p{{margin:0 0 10px;max-width:75ch}}
a{{color:var(--link)}}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{{outline:3px solid var(--link);outline-offset:2px}}
.skip{{position:absolute;left:-9999px}}
.skip:focus{{left:12px;top:8px;background:var(--card);padding:6px 12px}}
.quiet{{color:var(--quiet)}}
.verdict{{font-size:1.1rem;margin:14px 0 0}}
nav ul{{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:0;margin:14px 0 0}}
.totals{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(190px,44%),1fr));gap:10px;margin:24px 0 0}}
.totals div{{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 12px;
display:flex;flex-direction:column-reverse;justify-content:flex-end}}
.totals dt{{font-size:.8rem;line-height:1.25;color:var(--quiet)}}
.totals dd{{margin:0;font-size:1.5rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}}
.scroll{{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}}
table{{border-collapse:collapse;width:100%;font-size:.85rem}}
caption{{text-align:left;padding:10px 12px 6px;color:var(--quiet);font-size:.875rem}}
th,td{{text-align:left;vertical-align:top;padding:7px 10px;border-top:1px solid var(--line)}}
thead th{{font-weight:600;color:var(--quiet);border-top:0;vertical-align:bottom;line-height:1.25}}
tbody th{{font-weight:600}}
.number{{text-align:right;font-variant-numeric:tabular-nums}}
.nowrap{{white-space:nowrap}}
.text{{min-width:11em}}
article{{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 20px;margin:0 0 14px}}
article.critical,article.warning,article.unknown,article.info{{border-left:5px solid var(--tone)}}
.critical{{--tone:var(--critical)}}.warning{{--tone:var(--warning)}}.unknown{{--tone:var(--unknown)}}
.info{{--tone:var(--info)}}.fine{{--tone:var(--fine)}}
.badge{{color:var(--tone);border:1px solid currentColor;border-radius:999px;padding:0 9px;font-size:.8rem;
font-weight:650;white-space:nowrap;display:inline-block}}
.facts{{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(270px,100%),1fr));gap:8px 24px;margin:12px 0 0}}
.facts dt{{font-size:.8rem;line-height:1.3;color:var(--quiet)}}
.facts dd{{margin:0;font-size:.9rem;overflow-wrap:anywhere}}
ol.steps{{padding-left:1.4em;margin:6px 0 0}}
ol.steps li{{margin:0 0 8px}}
pre{{margin:4px 0 0;padding:8px 12px;background:var(--code);border:1px solid var(--line);border-radius:6px;
white-space:pre-wrap;overflow-wrap:anywhere;font-size:.82rem;line-height:1.45}}
pre,code{{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}}
h4{{font-size:.9rem;margin:14px 0 0}}
figure{{margin:0}}
.beside{{display:grid;grid-template-columns:minmax(0,600px) minmax(0,1fr);gap:24px;align-items:start}}
.beside .facts{{grid-template-columns:repeat(auto-fill,minmax(min(200px,100%),1fr));margin:0}}
section>article:first-of-type{{margin-top:16px}}
figure svg{{display:block;height:auto}}
.trend{{margin:0 0 14px}}.trend svg{{max-width:100%}}figcaption{{font-size:.8rem;line-height:1.3;color:var(--quiet)}}
.trend polyline{{fill:none;stroke:var(--link);stroke-width:2;stroke-linejoin:round}}
.trend circle{{fill:var(--link)}}.trend .axis{{stroke:var(--quiet);stroke-width:1}}
details{{margin:12px 0 0}}
summary{{cursor:pointer;color:var(--link);width:fit-content}}
footer{{margin:44px 0 0;border-top:1px solid var(--line);padding:18px 0 40px}}
@media (max-width:1000px){{.beside{{grid-template-columns:minmax(0,1fr)}}.beside figure{{max-width:600px}}}}
@media (max-width:600px){{.wide{{padding:0 12px}}article{{padding:14px}}
#summary thead{{position:absolute;left:-9999px}}
#summary tr{{display:block;border-top:1px solid var(--line);padding:8px 0}}
#summary th,#summary td{{display:block;border:0;padding:2px 12px;text-align:left}}
#summary td:nth-child(3)::before{{content:"How many: "}}
#summary td:nth-child(4)::before{{content:"Where: "}}
#summary td:nth-child(5)::before{{content:"Begin with: "}}
}}
@media print{{
html{{font-size:11px}}body{{background:#fff}}
.wide{{max-width:none;padding:0}}
nav,.skip{{display:none}}
header,footer{{border:0;padding:0}}
article,.scroll{{overflow:visible;border-radius:0}}
article.finding,tr,figure,.totals div{{break-inside:avoid}}
h2,h3{{break-after:avoid}}
th,td{{padding:3px 5px}}
details::details-content{{content-visibility:visible;block-size:auto}}
.beside{{grid-template-columns:52% 1fr;gap:12px}}
}}
""".strip()
