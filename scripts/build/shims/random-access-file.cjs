// hypercore and hyperdb ask for files only when they are given a folder's name instead of a storage, which nobody does here.
module.exports = () => {
  throw new Error('There are no files in a browser. Give a storage.')
}
