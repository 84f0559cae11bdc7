import type { TemplateForm } from '../../model/template.ts'

const font = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif"

const lines = `{% for line in lines %}{{ line }}
{% endfor %}`

const body = `${lines}{% for quote in quotes %}{{ quote }}
{% endfor %}
{% for fact in facts %}{{ fact.line }}
{% endfor %}
{% for item in items %}{{ item.line }}
{% endfor %}{% if moreItems %}{{ moreItems }}
{% endif %}`

const text = `{% if longHeading %}{{ longHeading }}

{% endif %}${body}
{% for note in notes %}{{ note }}
{% endfor %}
{% for link in links %}{{ link.line }}
{% endfor %}{% if why %}{{ why }}
{% endif %}`

const html = `<!doctype html>
<html lang="{{ locale }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>{{ subject }}</title>
<style>@media (prefers-color-scheme:dark){.page{background:#14171b!important}.card{background:#1e2329!important;color:#e6e9ed!important;border-top-color:{{ colour.dark }}!important}.badge{color:{{ colour.dark }}!important}.quote{background:#272d35!important;border-left-color:{{ colour.dark }}!important;color:#d5dae0!important}.label,.foot{color:#9aa4af!important}.row{border-top-color:#313842!important}.button{background:{{ colour.dark }}!important;color:#14171b!important}.link{color:{{ colour.dark }}!important}}@media (max-width:480px){.pad{padding:18px 18px 20px!important}.foot{padding:14px 18px 0!important}.when,.what{display:block!important;width:auto!important}.when{padding-bottom:0!important}.what{padding-top:0!important;border-top:0!important}}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">{{ preview }}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:24px 12px">
<!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background:#ffffff;border-radius:8px;border-top:4px solid {{ colour.light }};font-family:FONT;color:#1b2128;text-align:left">
<tr><td class="pad" style="padding:22px 28px 24px">
<p class="badge" style="margin:0 0 6px;font-size:13px;line-height:18px;font-weight:600;color:{{ colour.light }}">{{ badge }}</p>
<h1 dir="auto" style="margin:0;font-size:20px;line-height:28px;font-weight:600;overflow-wrap:anywhere">{{ heading }}</h1>
{% for line in lines %}<p dir="auto" style="margin:14px 0 0;font-size:15px;line-height:23px;overflow-wrap:anywhere">{{ line }}</p>
{% endfor %}{% for quote in quotes %}<blockquote class="quote" dir="auto" style="margin:14px 0 0;padding:10px 14px;border-left:3px solid {{ colour.light }};background:#f6f7f9;color:#3a434d;font-size:14px;line-height:21px;overflow-wrap:anywhere">{{ quote }}</blockquote>
{% endfor %}{% if facts.size > 0 %}<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:20px 0 0;border-collapse:collapse">
{% for fact in facts %}<tr><th scope="row" class="label{% unless forloop.first %} row{% endunless %}" style="CELL;width:32%;padding-right:16px;font-weight:400;color:#5b6672;text-align:left">{{ fact.label }}</th><td dir="auto"{% unless forloop.first %} class="row"{% endunless %} style="CELL;overflow-wrap:anywhere;word-break:break-word">{{ fact.value }}</td></tr>
{% endfor %}</table>
{% endif %}{% if items.size > 0 or moreItems %}<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:20px 0 0;border-collapse:collapse">
{% for item in items %}<tr><td class="label when{% unless forloop.first %} row{% endunless %}" style="CELL;padding-right:16px;white-space:nowrap;color:#5b6672">{{ item.time }}</td><td dir="auto" class="what{% unless forloop.first %} row{% endunless %}" style="CELL;width:100%;overflow-wrap:anywhere;word-break:break-word">{{ item.title }}</td></tr>
{% endfor %}{% if moreItems %}<tr><td colspan="2" class="label" style="padding:7px 0;vertical-align:top;font-size:14px;line-height:20px;color:#5b6672">{{ moreItems }}</td></tr>
{% endif %}</table>
{% endif %}{% if links.size > 0 %}<p style="margin:22px 0 0">{% for link in links %}{% if forloop.first %}<a class="button" href="{{ link.url }}" style="display:inline-block;padding:9px 18px;border-radius:6px;background:{{ colour.light }};color:#ffffff;font-size:14px;line-height:20px;font-weight:600;text-decoration:none">{{ link.word }}</a>{% else %}<a class="link" href="{{ link.url }}" style="display:inline-block;padding:9px 0 9px 18px;color:{{ colour.light }};font-size:14px;line-height:20px;font-weight:600">{{ link.word }}</a>{% endif %}{% endfor %}</p>
{% endif %}</td></tr></table>
{% if notes.size > 0 or why %}<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px"><tr><td class="foot" style="padding:14px 28px 0;font-family:FONT;font-size:12px;line-height:18px;color:#5b6672;text-align:left;overflow-wrap:anywhere">{% for note in notes %}{{ note }}{% if forloop.last == false or why %}<br>{% endif %}{% endfor %}{{ why }}</td></tr></table>
{% endif %}<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
`
  .replaceAll('FONT', font)
  .replaceAll('CELL', 'padding:7px 0;vertical-align:top;font-size:14px;line-height:20px{% unless forloop.first %};border-top:1px solid #e6e8ec{% endunless %}')

/**
 * What the product writes without a template, as templates: where to begin with one's own. A test holds them to the product's
 * own rendering, letter by letter.
 */
export const defaultTemplates: Readonly<Record<TemplateForm, string>> = {
  heading: '{{ heading }}\n',
  subject: '{{ subject }}\n',
  text,
  html,
  sms: '{{ short }}{% if shortUrl %} {{ shortUrl }}{% endif %}\n',
  chat: body,
  card: lines,
}
