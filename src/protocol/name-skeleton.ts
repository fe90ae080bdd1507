/**
 * What a name looks like, whatever it is written with: names of one skeleton can't be told apart at a glance. In the manner of
 * Unicode's UTS #39, with the letters and digits that fonts draw alike in the scripts that names mix; the whole table would weigh
 * more than the page.
 */

/** Of each pair the first is drawn as the second. Before letters are made small: some are alike only when large. */
const ALIKE = [
  // Cyrillic
  'АA ВB ЕE ІI ЈJ КK МM НH ОO РP СC ЅS ТT УY ХX ЬB ԌG Ӏl',
  'аa вb еe іi јj кk мm нh оo рp сc ѕs тt уy хx ьb ԁd ԛq ԝw һh ӏl ѵv гr пn',
  // Greek
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC',
  'αa βb γy εe ηn ιi κk μu νv οo ρp σo τt υu χx ωw ϲc',
  // Armenian, Cherokee
  'օo սu հh ոn ցg զq ԼL ՍU',
  'ᎪA ᏴB ᏟC ᎠD ᎬE ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᏒR ᏚS ᎢT ᏙV ᎳW ᏃZ',
  // Latin letters that no decomposition leads to
  'ıi łl Łl øo Øo đd Đd ħh Ħh ɑa ɡg ɩi ʟl ꞵb ƿp ǀl ǃl ſs',
  // Digits, and what stands for them
  '0o 1l |l 5s 8b',
].flatMap((row) => row.split(' ').map((pair): [string, string] => [pair.slice(0, -1), pair.slice(-1)]))
const LOOKS = new Map(ALIKE)

/** What is seen of one character; nothing of marks, spaces and the strokes between words. */
const looksOf = (character: string): string => LOOKS.get(character) ?? character

export const nameSkeleton = (name: string): string => {
  const bare = name.normalize('NFKD').replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
  const seen = [...bare.replace(/[\s\p{Z}\p{Pd}\p{Pc}.,'"`´’‘“”:;·•]/gu, '')]
    .map(looksOf)
    .join('')
    .toLowerCase()
  // A large I, a small l and a 1 are one stroke; two letters side by side may be one.
  const skeleton = [...seen].map(looksOf).join('').replace(/i/g, 'l').replace(/rn/g, 'm').replace(/vv/g, 'w')
  return skeleton || name
}
