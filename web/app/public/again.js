// Loads the page anew when a part of it could not be fetched: the line broke, or a phone went from one network to another
// meanwhile. It is a file of its own and no module, in the language of old browsers, so that it runs where those do not.
(function () {
  'use strict';

  /** Where it is kept how often this was tried; the tab forgets it. */
  var KEY = 'vestibule.again';
  /** After so many times somebody has to look at the line. */
  var MOST = 6;
  /** Before the first time, in ms; then twice as long each time. */
  var FIRST_MS = 500;
  /** Between two looks whether the server answers again. */
  var LOOK_MS = 2000;

  var INTERRUPTED = {
    en: 'The connection was interrupted. The page loads again by itself. In an emergency, call ',
    fr: 'La connexion a été interrompue. La page se recharge d’elle-même. En cas d’urgence, appelez le ',
  };
  var OVER = {
    en: 'The page could not be loaded. Please check your internet connection, then load the page again. In an emergency, call ',
    fr: 'La page n’a pas pu être chargée. Vérifiez votre connexion à internet, puis rechargez la page. En cas d’urgence, appelez le ',
  };

  var missing = false;
  var loaded = false;

  function tried() {
    try {
      return Number(sessionStorage.getItem(KEY)) || 0;
    } catch (_) {
      // Where nothing can be kept, nobody would count, and it would go on for ever.
      return MOST;
    }
  }

  /** In place of what the page says to a browser that is too old. */
  function say(words) {
    document.querySelectorAll('.fallback p').forEach(function (paragraph) {
      var text = words[paragraph.lang];
      if (text && paragraph.firstChild) paragraph.firstChild.nodeValue = text;
    });
  }

  function lookLater() {
    setTimeout(loadAnew, LOOK_MS);
  }

  /** Without the server, or while a proxy says that it is away, there would be a page that nothing leaves again. */
  function loadAnew() {
    fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).then(function (answer) {
      if (answer.ok) location.reload();
      else lookLater();
    }, lookLater);
  }

  function onMissing(event) {
    var part = event.target;
    var needed =
      part instanceof HTMLScriptElement ||
      (part instanceof HTMLLinkElement && part.rel === 'stylesheet');
    // What is fetched later, who needs it asks for again.
    if (loaded || missing || !needed) return;
    missing = true;
    var times = tried();
    if (times >= MOST) return say(OVER);
    say(INTERRUPTED);
    sessionStorage.setItem(KEY, String(times + 1));
    setTimeout(loadAnew, FIRST_MS * Math.pow(2, times));
  }

  function onLoad() {
    loaded = true;
    if (!missing && tried() > 0) sessionStorage.removeItem(KEY);
  }

  addEventListener('error', onMissing, true);
  addEventListener('load', onLoad);
})();
