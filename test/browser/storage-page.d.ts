/** What test/browser/pages/storage.ts leaves in its page. The page itself is checked with a browser's types. */
interface StoragePage {
  run(index: number, worker?: string): Promise<string | undefined>
  open(name: string, worker?: string): Promise<{ code: unknown; message: string } | undefined>
  close(name: string): Promise<void>
  write(name: string, file: string, text: string): Promise<void>
  read(name: string, file: string, size: number): Promise<string | undefined>
  /** Writes without end, until it fails: the sentence. */
  writeUntilItFails(name: string, file: string): Promise<string>
  /** Writes until the browser gives no more room: the error as text. */
  fill(name: string, file: string): Promise<string>
  /** Names of the files in the origin's private file system. */
  stored(): Promise<string[]>
  /** The code of what it throws. */
  fileStorage(): unknown
  puts(
    name: string,
    worker: string | undefined,
    count: number,
  ): Promise<{ puts: number; reopened: number; found: number }>
}

declare var storagePage: StoragePage
