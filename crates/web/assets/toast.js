// Short words at the edge of the page: what is under way, what came of it.
const place = document.getElementById("toasts");
const LONG = 7000;

// A toast that can be changed until it has said how it ended. What went wrong stays until it is closed.
export function toast(tone, text) {
  const item = document.createElement("li");
  const dot = document.createElement("span");
  const words = document.createElement("p");
  const close = document.createElement("button");
  dot.className = "dot";
  close.type = "button";
  close.className = "button quiet small";
  close.textContent = "×";
  close.ariaLabel = place.dataset.close;
  close.addEventListener("click", () => item.remove());
  item.append(dot, words, close);
  const tell = (newTone, newText) => {
    item.className = `toast ${newTone}`;
    words.textContent = newText;
    if (newTone === "good") setTimeout(() => item.remove(), LONG);
  };
  tell(tone, text);
  place.append(item);
  return { tell };
}
