export interface Status {
  readonly hyphas: number
  readonly connections: number
  /** Nodes that are introduced to each other here, of whichever hypha. */
  readonly signalling: number
  readonly places: { readonly total: number; readonly taken: number }
  /** Seconds. */
  readonly uptime: number
}

export const STATUS_STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.6 system-ui, sans-serif }
body { max-width: 38rem; margin: 0 auto; padding: 3rem 1.25rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1.5rem; margin: 0 }
dd { margin: 0; font-variant-numeric: tabular-nums }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid; border-radius: .5rem }
.hint { padding: .75rem 1rem; border: 1px solid; border-radius: .5rem }
`

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/status.css">
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`

const duration = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1) return 'less than a minute'
  if (minutes < 120) return `${minutes} minute${minutes === 1 ? '' : 's'}`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`
}

const HINT = `<p class="hint">The web app that belongs here has not been built. In a clone of the project, stop this server and run
<code>npm run build</code>, or <code>npm start</code>, which builds it first.</p>
`

/** What this server is, and how much of it is in use; never which hyphas. */
export const statusPage = (
  { hyphas, connections, signalling, places, uptime }: Status,
  { isBuilt }: { isBuilt: boolean },
): string =>
  page(
    'An always-on node',
    `${isBuilt ? '' : HINT}<p>This server keeps people’s hyphas within reach while their own devices sleep, and passes messages between these.
What it stores of private entries and messages is sealed: it holds no key to read them.</p>
${isBuilt ? '<p><a href="/">Open the web app</a></p>\n' : ''}<h2>Now</h2>
<dl>
<dt>Places taken</dt><dd>${places.taken} of ${places.total}</dd>
<dt>Hyphas kept</dt><dd>${hyphas}</dd>
<dt>Peers connected</dt><dd>${connections}</dd>
<dt>Nodes introduced to each other</dt><dd>${signalling}</dd>
<dt>Running for</dt><dd>${duration(uptime)}</dd>
</dl>
<h2>Connect</h2>
<p>Give a node the <code>address</code> of this page without what follows the host and its port, as
<code>http://127.0.0.1:4280</code> or <code>https://hypha.example</code>:</p>
<pre><code>createNode({ transports: [webSocket(address)] })</code></pre>
<p>A hypha that has no place yet claims one when one of its person’s nodes connects with the passphrase. From another
machine that takes the code that this server printed when it started.</p>`,
  )

export const NOT_FOUND_PAGE = page(
  'There is no such page',
  '<p><a href="/">To the start</a> · <a href="/status">What this server is</a></p>',
)
