import { expect, it } from 'vitest'
import { nameOfBrowser } from '../../src/adapters/name-of-browser.js'

it.each([
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Ubuntu'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Safari/537.36',
    'Samsung Internet on Android',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36', 'Chrome on Linux'],
  ['Something else', 'A browser'],
])('calls %s by what people would', (userAgent, name) => {
  expect(nameOfBrowser(userAgent)).toBe(name)
})

it.each([
  [['Not)A;Brand', 'Chromium', 'Google Chrome'], 'Chrome on Linux'],
  [['Chromium', 'Not)A;Brand'], 'Chromium on Linux'],
  [['Brave', 'Chromium', 'Not)A;Brand'], 'Brave on Linux'],
  [['Microsoft Edge', 'Chromium'], 'Edge on Linux'],
  [['Not)A;Brand'], 'Chrome on Linux'],
])('tells the brands %s apart, which the user agent does not', (brands, name) => {
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36'
  expect(nameOfBrowser(userAgent, { brands: brands.map((brand) => ({ brand })), platform: 'Linux' })).toBe(
    name,
  )
})
