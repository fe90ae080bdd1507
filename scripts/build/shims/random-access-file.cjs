// hypercore and hyperdb ask for files only when they are given a folder's name instead of a storage, which nobody does here.
module.exports = () => {
  throw new Error('The engine opens no files by itself. Give a storage.')
}
