// Light, dark, or as the system has it; remembered where the browser lets a file remember.
(() => {
  "use strict";
  const root = document.documentElement;
  const switches = document.getElementById("themes");
  const remembered = () => {
    try {
      return localStorage.getItem("netinfo-theme");
    } catch {
      return null;
    }
  };
  const remember = (theme) => {
    try {
      localStorage.setItem("netinfo-theme", theme);
    } catch {
      // It holds until the page is closed.
    }
  };
  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const theme = remembered();
  if (theme === "light" || theme === "dark") {
    apply(theme);
    for (const each of switches.querySelectorAll("input")) each.checked = each.value === theme;
  }
  switches.hidden = false;
  switches.addEventListener("change", (event) => {
    apply(event.target.value);
    remember(event.target.value);
  });

  // On paper what is folded is open, but for the numbers of pictures; and afterwards as it was.
  let closed = [];
  addEventListener("beforeprint", () => {
    const folded = [...document.querySelectorAll("details:not([open], .data)")];
    for (const each of folded) each.open = true;
    closed.push(...folded);
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
    closed = [];
  });
})();
