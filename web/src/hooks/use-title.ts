import { useEffect } from 'preact/hooks'

/** The tab's title, with how many questions wait. */
export const useTitle = (waiting: number, what: string): void => {
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${what === '' ? 'Hypha' : `${what} – Hypha`}`
  }, [waiting, what])
}
