// Draws the figures of a page with the site's one plotly.min.js; asks nobody for anything.
(function () {
  "use strict";
  var narrow = window.matchMedia("(max-width: 640px)");

  // "xaxis.domain": [0, 1] sets layout.xaxis.domain
  function set(layout, path, value) {
    var names = path.split(".");
    var last = names.pop();
    names.forEach(function (name) { layout = layout[name] = layout[name] || {}; });
    layout[last] = value;
  }

  function layoutFor(figure) {
    var layout = JSON.parse(JSON.stringify(figure.layout));
    var meta = layout.meta || {};
    if (narrow.matches) {
      if (meta.narrow_height) layout.height = meta.narrow_height;
      Object.keys(meta.narrow_layout || {}).forEach(function (path) {
        set(layout, path, meta.narrow_layout[path]);
      });
    }
    delete layout.width;
    layout.autosize = true;
    return layout;
  }

  function draw(box) {
    var data = box.querySelector('script[type="application/json"]');
    var figure = JSON.parse(data.textContent);
    Plotly.react(box.querySelector(".hm-plot"), figure.data, layoutFor(figure), figure.config);
    box.dataset.drawn = narrow.matches ? "narrow" : "wide";
  }

  function drawAll() {
    if (window.Plotly) document.querySelectorAll(".hm-figure").forEach(draw);
  }

  function resizeAll() {
    document.querySelectorAll(".hm-figure .hm-plot").forEach(function (plot) {
      if (window.Plotly && plot.data) Plotly.Plots.resize(plot);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll);
  else drawAll();
  narrow.addEventListener("change", drawAll);
  window.addEventListener("beforeprint", resizeAll);
  window.addEventListener("afterprint", resizeAll);
})();
