/** The parts of NavigatorUAData that we ask; not every browser has it. */
interface UserAgentData {
  readonly brands: readonly { readonly brand: string }[]
  readonly platform: string
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\bChromium\//, 'Chromium'],
  [/\b(Chrome|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bUbuntu\b/, 'Ubuntu'],
  [/\bFedora\b/, 'Fedora'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac ?OS ?X?\b|\bMacintosh\b|\bmacOS\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

const find = (text: string, table: readonly (readonly [RegExp, string])[]): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1]

/** “Firefox on Ubuntu”, of what a browser says about itself. */
export const nameOfBrowser = (userAgent: string, data?: UserAgentData): string => {
  const brands = data?.brands.map(({ brand }) => brand) ?? []
  // Chrome calls itself Chromium too, Chromium only that; a made-up brand is among them on purpose.
  const isPlainChromium =
    brands.includes('Chromium') && !brands.some((brand) => /Chrome|Edge|Opera/.test(brand))
  const browser = isPlainChromium
    ? (brands.find((brand) => /Brave|Vivaldi/.test(brand)) ?? 'Chromium')
    : find(userAgent, BROWSERS)
  const system = find(userAgent, SYSTEMS) ?? (data?.platform || undefined)
  return `${browser ?? 'A browser'}${system ? ` on ${system}` : ''}`
}

/** What people would call this device: “Firefox on Ubuntu”. */
export const deviceName = (): string => {
  const { userAgent } = navigator
  const data: unknown = Reflect.get(navigator, 'userAgentData')
  return nameOfBrowser(userAgent, isUserAgentData(data) ? data : undefined)
}

const isUserAgentData = (data: unknown): data is UserAgentData =>
  typeof data === 'object' && data !== null && 'brands' in data && Array.isArray(data.brands)

export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run: () => void, delay: number): unknown => setTimeout(run, delay),
  clearTimeout: (timer: unknown): void => {
    if (typeof timer === 'number') clearTimeout(timer)
  },
}
