/** Whether the page has shown a view before: the first one leaves the focus where the browser put it. */
function countViews() {
  let seen = 0;
  return {
    isFirst(): boolean {
      seen += 1;
      return seen === 1;
    },
  };
}

export const viewChanges = countViews();
