// Puts values into what the server wrote: texts, fields, links, and which parts are to be seen.
const found = (data, path) => path.split(".").reduce((value, name) => value?.[name], data);

// Texts are texts: nothing that a customer wrote becomes markup here.
export function fill(root, data) {
  for (const part of root.querySelectorAll("[data-fill]")) {
    const value = found(data, part.dataset.fill);
    const text = value === undefined || value === null ? "" : Array.isArray(value) ? value.join(", ") : String(value);
    if (part.matches("input[type=checkbox]")) part.checked = value === true;
    else if (part.matches("input, select, textarea")) part.value = text;
    else part.textContent = text;
  }
  for (const part of root.querySelectorAll("[data-fill-href]")) {
    const url = new URL(found(data, part.dataset.fillHref) ?? "", location.href);
    if (url.protocol === "http:" || url.protocol === "https:") part.href = url.href;
  }
}

// Shows what has `data-when="name=a|b"` when the value of that name is one of these.
export function choose(root, data) {
  for (const part of root.querySelectorAll("[data-when]")) {
    const shown = part.dataset.when.split(" ").every((rule) => {
      const [name, values] = rule.split("=");
      const value = found(data, name);
      return values === undefined ? Boolean(value) : values.split("|").includes(String(value ?? ""));
    });
    part.hidden = !shown;
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !shown;
  }
}

// A path with its `{names}` filled in; says which names it used.
export function path(pattern, data) {
  const used = [];
  const filled = pattern.replace(/\{([a-z_.]+)\}/g, (_, name) => {
    used.push(name);
    return encodeURIComponent(found(data, name) ?? "");
  });
  return { filled, used };
}
