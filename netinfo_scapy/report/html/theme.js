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

  // On paper everything is open, and afterwards as it was.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
})();
