// Tables: filters that apply themselves, rows that are chosen, columns that are shown, views that are kept.
const chosen = new Set();

function remembered(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

function apply() {
  const boxes = [...document.querySelectorAll("[data-row]")];
  for (const box of boxes) {
    box.checked = chosen.has(box.value);
    box.closest("tr").classList.toggle("is-chosen", box.checked);
  }
  const all = document.querySelector("[data-all]");
  if (all) {
    all.checked = boxes.length > 0 && boxes.every((box) => box.checked);
    all.indeterminate = !all.checked && boxes.some((box) => box.checked);
  }
  for (const bar of document.querySelectorAll("[data-bulk]")) {
    bar.hidden = chosen.size === 0;
    bar.querySelector("[data-count]").textContent = chosen.size;
    const values = JSON.stringify({ subdomains: [...chosen].join(" "), count: chosen.size, company: "" });
    for (const button of bar.querySelectorAll("[data-open]")) button.dataset.values = values;
  }
  const table = document.querySelector("[data-columns]");
  if (!table) return;
  const hidden = remembered("columns", []);
  for (const box of document.querySelectorAll("[data-column]")) {
    box.checked = !hidden.includes(box.value);
    table.classList.toggle(`no-${box.value}`, hidden.includes(box.value));
  }
}

function views() {
  const list = document.getElementById("kept-views");
  if (!list) return;
  const kept = remembered("views", []);
  list.replaceChildren(...kept.map((view) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const remove = document.createElement("button");
    item.className = "row";
    link.href = view.query;
    link.textContent = view.name;
    remove.type = "button";
    remove.className = "button quiet small icon-only";
    remove.textContent = "×";
    remove.ariaLabel = `${list.dataset.remove} ${view.name}`;
    remove.addEventListener("click", () => {
      localStorage.setItem("views", JSON.stringify(remembered("views", []).filter((one) => one.name !== view.name)));
      views();
    });
    item.append(link, remove);
    return item;
  }));
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-row]")) {
    if (box.checked) chosen.add(box.value);
    else chosen.delete(box.value);
    apply();
  }
  if (box.matches("[data-all]")) {
    for (const row of document.querySelectorAll("[data-row]")) {
      if (box.checked) chosen.add(row.value);
      else chosen.delete(row.value);
    }
    apply();
  }
  if (box.matches("[data-column]")) {
    const hidden = [...document.querySelectorAll("[data-column]")].filter((one) => !one.checked).map((one) => one.value);
    localStorage.setItem("columns", JSON.stringify(hidden));
    apply();
  }
  if (box.matches("form[data-filter] select, form[data-filter] input[type=date]")) box.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[data-filter]")) {
    // An address without what was not asked.
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of form.elements) field.disabled = false; });
  }
  if (form.matches("form[data-keep-view]")) {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    if (!name) return;
    const others = remembered("views", []).filter((one) => one.name !== name);
    localStorage.setItem("views", JSON.stringify([...others, { name, query: location.search || "?" }]));
    form.reset();
    views();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-choose-none]")) {
    chosen.clear();
    apply();
  }
});
document.addEventListener("refreshed", apply);
apply();
views();
