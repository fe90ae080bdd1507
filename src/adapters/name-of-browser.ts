/** The parts of NavigatorUAData that tell browsers apart; not every browser has it. */
export interface UserAgentData {
  readonly brands: readonly { readonly brand: string }[]
  readonly platform: string
}

type Table = readonly (readonly [RegExp, string])[]

/** In this order: most of them say that they are the later ones too. */
const BROWSERS: Table = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\bChromium\//, 'Chromium'],
  [/\b(Chrome|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const SYSTEMS: Table = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bUbuntu\b/, 'Ubuntu'],
  [/\bFedora\b/, 'Fedora'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bmacOS\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** Brands that call themselves Chrome in the user agent, so that pages work. */
const BRANDS: Table = [
  [/Brave/, 'Brave'],
  [/Vivaldi/, 'Vivaldi'],
  [/Edge/, 'Edge'],
  [/Opera/, 'Opera'],
  [/Samsung/, 'Samsung Internet'],
  [/Google Chrome|HeadlessChrome/, 'Chrome'],
  [/^Chromium$/, 'Chromium'],
]

const find = (text: string, table: Table): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1]

const brandOf = (brands: UserAgentData['brands']): string | undefined =>
  BRANDS.find(([pattern]) => brands.some(({ brand }) => pattern.test(brand)))?.[1]

/** “Firefox on Ubuntu”, out of what a browser says about itself. */
export const nameOfBrowser = (userAgent: string, data?: UserAgentData): string => {
  const browser = (data && brandOf(data.brands)) ?? find(userAgent, BROWSERS) ?? 'A browser'
  const system = find(userAgent, SYSTEMS) ?? data?.platform
  return system ? `${browser} on ${system}` : browser
}
