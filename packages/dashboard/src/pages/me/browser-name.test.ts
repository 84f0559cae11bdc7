import { expect, test } from 'vitest'
import { browserOf } from './browser-name'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.for([
  ['Edge 131', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51`],
  ['Edge 130', `Mozilla/5.0 (Linux; Android 10) ${webkit} Chrome/130.0.0.0 Mobile Safari/537.36 EdgA/130.0.0.0`],
  ['Opera 115', `Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0`],
  ['Chrome 131', `Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/131.0.0.0 Safari/537.36`],
  ['Chrome 131', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1'],
  ['Firefox 132', 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'],
  ['Safari 18', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15'],
  ['curl/8.10.1', 'curl/8.10.1'],
  ['x'.repeat(40), 'x'.repeat(300)],
] as const)('%s is known by what it says of itself', ([name, userAgent]) => {
  expect(browserOf(userAgent)).toBe(name)
})
