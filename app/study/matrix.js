// A study's cells as a table: each with its figure, and a mark for every run. A click opens the runs it stands for.

const make = (name, content = "", attributes = {}) => {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(content);
  return element;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".matrix");
  const link = (name, { page, runs }, title) => {
    const element = make("a", "", { className: name, title, href: `${page}?run=${runs.join()}` });
    element.ariaLabel = title;
    element.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      setTriggerValue("open", { page, runs });
    };
    return element;
  };
  const mark = ({ state, title, share, open }) => {
    const name = `mark is-${state}`;
    const element = open ? link(name, open, title) : make("i", "", { className: name, title });
    element.style.setProperty("--share", `${100 * share}%`);
    return element;
  };
  const box = (cell) => {
    if (!cell) return make("td", "", { className: "none", title: "Not part of the study" });
    const place = make("td");
    if (cell.heat !== null) place.style.setProperty("--heat", `${Math.round(4 + 26 * cell.heat)}%`);
    const figure = cell.open ? link("figure", cell.open, cell.title) : make("span", "", { className: "figure" });
    if (cell.out) figure.classList.add("out");
    figure.append(make("b", cell.text), make("small", cell.note));
    const marks = make("div", "", { className: "marks" });
    marks.append(...cell.marks.map(mark));
    place.append(figure, marks);
    return place;
  };
  const head = ({ label, span }, name) => make("th", label, { [name]: span });
  const table = make("table");
  const top = make("thead");
  data.head.forEach((line, place) => {
    const row = make("tr");
    const last = place === data.head.length - 1;
    row.append(...data.corner.map((factor, column) => {
      const corner = make("td", "", { className: "corner" });
      const beside = column === data.corner.length - 1 ? data.across[place] ?? "" : "";
      corner.append(make("span", last ? factor : ""), make("span", beside));
      return corner;
    }));
    row.append(...line.map((each) => head(each, "colSpan")));
    top.append(row);
  });
  const body = make("tbody");
  for (const { heads, boxes } of data.rows) {
    const row = make("tr");
    row.append(...heads.map((each) => head(each, "rowSpan")), ...boxes.map(box));
    body.append(row);
  }
  table.append(top, body);
  host.replaceChildren(table);
  host.dataset.done = data.done;
}
