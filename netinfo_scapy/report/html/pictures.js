// The pictures, drawn with D3 from the block "data". Each has its table in the page, and is drawn anew when its width changes.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const count = d3.format(",");

  const widthOf = (name) => Math.max(280, document.getElementById(`${name}-picture`).clientWidth);

  function canvas(name, height, label) {
    const place = document.getElementById(`${name}-picture`);
    place.replaceChildren();
    const width = widthOf(name);
    const svg = d3.select(place).append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);
    return {svg, width, height};
  }

  function legend(name, entries) {
    const spans = d3.select(`#${name}-legend`).selectAll("span").data(entries).join("span").text("");
    spans.append("i").attr("class", (entry) => entry[0]).attr("aria-hidden", "true");
    spans.append((entry) => document.createTextNode(entry[1]));
  }

  // Times in the zone of the report.

  function zoned(options) {
    const settings = {hourCycle: "h23", ...options};
    try {
      return new Intl.DateTimeFormat("en-GB", {timeZone: data.zone, ...settings});
    } catch {
      return new Intl.DateTimeFormat("en-GB", {timeZone: "UTC", ...settings});
    }
  }
  const [DAY, MINUTE, SECOND] = [86_400_000, 60_000, 1000];
  const clock = {hour: "2-digit", minute: "2-digit"};
  const date = {day: "numeric", month: "short"};
  function timeFormat(step, span) {
    if (step >= 180 * DAY) return zoned({year: "numeric"});
    if (step >= DAY) return zoned(span > 300 * DAY ? {...date, year: "numeric"} : date);
    if (span > DAY) return zoned({...date, ...clock});
    if (step >= MINUTE) return zoned(clock);
    return zoned({...clock, second: "2-digit", ...(step < SECOND ? {fractionalSecondDigits: 3} : {})});
  }

  function timeline() {
    const {bins, width: length, findings} = data.timeline;
    if (!bins.length) return;
    const lane = 16;
    const top = 16;
    const barsHeight = 150;
    const below = 26;
    const [left, right] = [48, 12];
    const from = d3.min([bins[0][0], d3.min(findings, (each) => each[3])].filter((each) => each !== undefined));
    const to = d3.max([bins.at(-1)[0] + length, d3.max(findings, (each) => each[4])].filter((each) => each !== undefined));
    const x = d3.scaleUtc([from, to], [left, widthOf("timeline") - right]);
    const atEnd = (each) => x(each[4]) > x.range()[1] - 28;
    const lanes = lanesOf(findings);
    const laneCount = lanes.length ? Math.max(...lanes) + 1 : 0;
    const refusals = d3.sum(bins, (bin) => bin[2]);
    const {svg, width, height} = canvas("timeline", top + barsHeight + below + laneCount * lane + (laneCount ? 8 : 0),
      `${count(d3.sum(bins, (bin) => bin[1]))} calls and ${count(refusals)} refused replies over time, and ${findings.length} findings. The table below has the numbers.`);
    const most = d3.max(bins, (bin) => bin[1]) || 1;
    const mostRefused = d3.max(bins, (bin) => bin[2]);
    const y = d3.scaleLinear([-mostRefused, Math.max(most, 1)], [top + barsHeight, top]).nice(4);
    const ticks = x.ticks(Math.max(2, Math.floor(width / 130)));
    const label = timeFormat(ticks.length > 1 ? ticks[1] - ticks[0] : length, to - from);
    const yTicks = y.ticks(4).filter(Number.isInteger);
    svg.append("g").attr("class", "grid").attr("transform", `translate(${left},0)`)
      .call(d3.axisLeft(y).tickValues(yTicks).tickSize(left + right - width).tickFormat((each) => count(Math.abs(each))))
      .call((axis) => axis.select(".domain").remove());
    svg.append("g").attr("transform", `translate(0,${top + barsHeight})`)
      .call(d3.axisBottom(x).tickValues(ticks).tickFormat((each) => label.format(each)).tickSizeOuter(0)).call(spread, width);
    const exactly = zoned({...date, year: "numeric", ...clock, second: "2-digit"});
    const thick = (bin) => Math.max(1.5, x(bin[0] + length) - x(bin[0]) - 0.5);
    const bar = (kind, at, from_, to_) => svg.append("g").selectAll("rect").data(bins.filter((bin) => bin[at])).join("rect")
      .attr("class", kind).attr("x", (bin) => x(bin[0])).attr("width", thick)
      .attr("y", (bin) => Math.min(y(from_(bin)), y(to_(bin)) - 1)).attr("height", (bin) => Math.max(1, y(from_(bin)) - y(to_(bin))) * 1)
      .append("title").text((bin) => `${exactly.format(bin[0])}: ${count(bin[1])} calls, ${count(bin[2])} refused`);
    bar("bar", 1, () => 0, (bin) => bin[1]);
    const refused = svg.append("g").selectAll("rect").data(bins.filter((bin) => bin[2])).join("rect");
    refused.attr("class", "bar refusal").attr("x", (bin) => x(bin[0])).attr("width", thick).attr("y", y(0))
      .attr("height", (bin) => Math.max(1.5, y(-bin[2]) - y(0))).append("title").text((bin) => `${count(bin[2])} refused`);
    const start = top + barsHeight + below + 12;
    const marks = svg.append("g").selectAll("g").data(findings).join("g")
      .attr("class", (each) => each[1]).attr("transform", (each, at) => `translate(0,${start + lanes[at] * lane})`);
    marks.append("title").text((each) => `${each[0]}: ${each[2]}`);
    marks.append("line").attr("class", "finding-span").attr("x1", (each) => x(each[3])).attr("x2", (each) => x(each[4]));
    marks.append("path").attr("class", "finding-mark").attr("transform", (each) => `translate(${x(each[3])},0)`)
      .attr("d", (each) => d3.symbol({high: d3.symbolTriangle, medium: d3.symbolDiamond}[each[1]] ?? d3.symbolCircle, 70)());
    marks.append("text").attr("x", (each) => (atEnd(each) ? x(each[3]) - 10 : x(each[4]) + 10)).attr("y", 4)
      .attr("text-anchor", (each) => (atEnd(each) ? "end" : "start")).text((each) => each[0]);
    const entries = [["one", `calls (bars of ${duration(length / 1000)})`]];
    if (refusals) entries.push(["two", "replies that refuse for want of rights, downwards"]);
    legend("timeline", entries);

    // A lane for each finding, the first that is free where its mark, or its number beside it, begins.
    function lanesOf(all) {
      const ends = [];
      return all.map((each) => {
        const number = 12 + 8 * String(each[0]).length;
        const [start, end] = [x(each[3]) - (atEnd(each) ? number : 8), x(each[4]) + (atEnd(each) ? 8 : number)];
        let at = ends.findIndex((free) => free < start);
        if (at < 0) at = ends.push(0) - 1;
        ends[at] = end;
        return at;
      });
    }
  }

  // The labels of a horizontal axis must not stand out of the picture, nor one upon the other.
  function spread(axis, width) {
    let free = width;
    for (const tick of axis.selectAll(".tick").nodes().reverse()) {
      const text = tick.querySelector("text");
      const at = tick.transform.baseVal.consolidate().matrix.e;
      const half = text.getComputedTextLength() / 2;
      const middle = free === width ? Math.min(at, width - half) : at;
      text.setAttribute("x", middle - at);
      if (middle + half > free) text.remove();
      else free = middle - half - 8;
    }
  }

  function duration(seconds) {
    if (seconds >= 86_400) return `${d3.format(".3~r")(seconds / 86_400)} d`;
    if (seconds >= 3600) return `${d3.format(".3~r")(seconds / 3600)} h`;
    if (seconds >= 60) return `${d3.format(".3~r")(seconds / 60)} min`;
    for (const [size, unit] of [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]]) {
      if (seconds >= size * 0.9995) return `${d3.format(".3~r")(seconds / size)} ${unit}`;
    }
    return `${d3.format(".3~r")(seconds * 1e9)} ns`;
  }

  // Who talks to whom

  const COLORS = {NetInfo: "one", nibind: "two", portmap: "three", rpcbind: "four"};
  const OTHER = "five";
  function talks() {
    const {clients, servers, links} = data.talks;
    if (!links.length) return;
    const color = (program) => (Object.hasOwn(COLORS, program) ? COLORS[program] : OTHER);
    const rows = Math.max(clients.length, servers.length);
    const padding = 20;
    const {svg, width, height} = canvas("talks", 30 + rows * (padding + 14),
      `${clients.length} clients and ${servers.length} servers, joined by a line for each program they talked about. The table below has all of them.`);
    const wide = width > 640;
    const [left, right] = wide ? [220, 300] : [width * 0.3, width * 0.3];
    const letters = Math.floor((Math.min(left, right) - 16) / 7.4);
    const nodes = [...clients.map((host) => ({host, side: 0})), ...servers.map((host) => ({host, side: 1}))];
    const layout = d3.sankey().nodeWidth(7).nodePadding(padding).nodeAlign((node) => node.side).iterations(12)
      .linkSort(null).extent([[left, 24], [width - right, height - 10]]);
    const weighted = links.map(([client, server, program, weight]) =>
      ({source: client, target: clients.length + server, value: Math.sqrt(weight), program, weight}));
    // Where there is little, lines must not be as thick as the picture is high.
    const graph = layout({nodes, links: weighted});
    svg.append("g").selectAll("path").data(graph.links).join("path")
      .attr("class", (link) => `link ${color(link.program)}`).attr("d", d3.sankeyLinkHorizontal())
      .attr("stroke-width", (link) => Math.max(1.2, link.width))
      .append("title").text((link) => `${link.source.host[0]} → ${link.target.host[0]}: ${link.program}, ${count(link.weight)} messages`);
    svg.append("g").selectAll("rect").data(graph.nodes).join("rect").attr("class", "host")
      .attr("x", (node) => node.x0).attr("width", (node) => node.x1 - node.x0)
      .attr("y", (node) => node.y0).attr("height", (node) => Math.max(2, node.y1 - node.y0));
    const labels = svg.append("g").selectAll("text").data(graph.nodes).join("text")
      .attr("class", (node) => (/^[\d,]+ more /.test(node.host[0]) ? "name more-hosts" : "name"))
      .attr("x", (node) => (node.side ? node.x1 + 7 : node.x0 - 7)).attr("y", (node) => (node.y0 + node.y1) / 2 + 4)
      .attr("text-anchor", (node) => (node.side ? "start" : "end"));
    labels.append("tspan").text((node) => shortened(node.host[0], letters));
    if (wide) labels.filter((node) => node.host[1]).append("tspan").attr("class", "host-note").text((node) => `  ${shortened(node.host[1], 40 - node.host[0].length)}`);
    labels.append("title").text((node) => node.host.filter(Boolean).join(": "));
    svg.append("text").attr("x", left + 7).attr("y", 12).attr("text-anchor", "end").text(clients.length === 1 ? "client" : "clients");
    svg.append("text").attr("x", width - right - 7).attr("y", 12).text(servers.length === 1 ? "server" : "servers");
    const messages = d3.rollup(links, (all) => d3.sum(all, (link) => link[3]), (link) => color(link[2]));
    const names = [...Object.keys(COLORS), "other programs"].map((name) => [color(name), name]);
    legend("talks", names.filter(([kind]) => messages.has(kind)).map(([kind, name]) => [kind, `${name}: ${count(messages.get(kind))} messages`]));
  }
  function shortened(text, most) {
    if (text.length <= most) return text;
    const more = /^[\d,]+ more/.exec(text);
    if (more) return more[0];
    const half = Math.max(2, Math.floor((most - 1) / 2));
    return `${text.slice(0, half)}…${text.slice(-half)}`;
  }

  // Response times

  let chosen = 0;
  function responses() {
    if (!data.responses.length) return;
    const {bins, name, count: all, marks} = data.responses[chosen];
    const [left, right, top, bottom] = [48, 16, 34, 28];
    const {svg, width, height} = canvas("responses", 230, `Distribution of ${count(all)} response times${name ? ` of ${name}` : ""}. The tables below have the numbers.`);
    // A logarithmic axis has no 0: what is less than 100 ns is drawn there.
    const least = 1e-7;
    const low = Math.max(least, d3.min(bins, (bin) => bin[0]));
    const high = Math.max(low * 2, d3.max(bins, (bin) => bin[1]));
    const x = d3.scaleLog([low, high], [left, width - right]);
    const y = d3.scaleLinear([0, d3.max(bins, (bin) => bin[2])], [height - bottom, top]).nice(4);
    const ticks = d3.range(-7, Math.ceil(Math.log10(high)) + 1).flatMap((power) => [1, 2, 5].map((each) => each * 10 ** power)).filter((each) => each >= low && each <= high);
    const room = Math.max(1, Math.ceil(ticks.length / Math.max(2, Math.floor(width / 75))));
    const chosenTicks = room > 1 ? ticks.filter((each) => Math.abs(Math.log10(each) % 1) < 1e-6 || Math.abs(Math.abs(Math.log10(each) % 1) - 1) < 1e-6) : ticks;
    svg.append("g").attr("class", "grid").attr("transform", `translate(${left},0)`)
      .call(d3.axisLeft(y).ticks(4).tickValues(y.ticks(4).filter(Number.isInteger)).tickSize(left + right - width).tickFormat(count)).call((axis) => axis.select(".domain").remove());
    svg.append("g").attr("transform", `translate(0,${height - bottom})`)
      .call(d3.axisBottom(x).tickValues(chosenTicks).tickFormat(duration).tickSizeOuter(0)).call(spread, width);
    svg.append("g").selectAll("rect").data(bins).join("rect").attr("class", "bar")
      .attr("x", (bin) => x(Math.max(low, bin[0])) + 0.5).attr("width", (bin) => Math.max(1, x(Math.max(low, bin[1])) - x(Math.max(low, bin[0])) - 1))
      .attr("y", (bin) => Math.min(y(bin[2]), height - bottom - 1)).attr("height", (bin) => Math.max(1, height - bottom - y(bin[2])))
      .append("title").text((bin) => `${duration(bin[0])} to ${duration(bin[1])}: ${count(bin[2])}`);
    marks.forEach(([title, value], at) => {
      const place = Math.min(Math.max(x(Math.max(low, value)), left), width - right);
      const mark = svg.append("g").attr("transform", `translate(${place},0)`);
      mark.append("line").attr("class", "rule").attr("y1", top - 4).attr("y2", height - bottom);
      mark.append("text").attr("class", "mark-label").attr("y", 12 + at * 14).attr("text-anchor", place > width / 2 ? "end" : "start")
        .attr("dx", place > width / 2 ? -4 : 4).text(`${title} ${duration(value)}`);
    });
  }

  function chooser() {
    if (data.responses.length < 2) return;
    const label = d3.select("#responses-legend").append("label").text("Of ");
    const select = label.append("select").attr("id", "responses-of");
    select.selectAll("option").data(data.responses).join("option").attr("value", (each, at) => at)
      .text((each) => `${each.name || "all procedures together"} (${count(each.count)})`);
    select.on("change", () => {
      chosen = Number(select.property("value"));
      responses();
    });
  }

  chooser();
  const pictures = {timeline, talks, responses};
  const widths = new Map();
  const watch = new ResizeObserver((changes) => {
    for (const {target, contentRect} of changes) {
      const width = Math.round(contentRect.width);
      if (width === 0 || widths.get(target) === width) continue;
      widths.set(target, width);
      pictures[target.id.replace("-picture", "")]();
    }
  });
  for (const name of Object.keys(pictures)) {
    const place = document.getElementById(`${name}-picture`);
    if (place) watch.observe(place);
  }
})();
