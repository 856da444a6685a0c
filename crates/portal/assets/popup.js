// The window that a front end has opened for a sign-in: tells it the outcome,
// at the one origin that the server names, and closes itself.
(() => {
  const answer = document.getElementById('answer');
  const opener = window.opener;
  if (!answer || !opener) return;
  const { origin, message } = answer.dataset;
  opener.postMessage({ type: 'config_info', targetOrigin: origin }, '*');
  opener.postMessage(JSON.parse(message), origin);
  setTimeout(() => window.close(), 100);
})();
