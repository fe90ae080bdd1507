/**
 * Data attributes on the groups of a picture, for whoever lights them: `data-state` on a state's box, `data-transition` on an
 * arrow. What draws knows of classes only, so each is a class until the picture is done.
 */
export const createMarks = () => {
  const attributes: string[] = []
  return {
    /** The class to draw with. */
    add: (name: string, value: string): string => `mark${attributes.push(`${name}="${escaped(value)}"`) - 1}`,
    /** The picture with attributes in the place of classes. */
    apply: (svg: string): string =>
      svg.replace(
        / class="([^"]*) mark(\d+)"/g,
        (_, others: string, index: string) => ` class="${others}" ${attributes[Number(index)]}`,
      ),
  }
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
