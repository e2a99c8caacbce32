type Theme = 'auto' | 'light' | 'dark';

const key = 'rejoin-demo-theme';
const next: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const words: Readonly<Record<Theme, string>> = { auto: '◐ Auto', light: '☀ Light', dark: '☾ Dark' };

/** Lets the button go round auto, light, dark. `auto` follows the system. */
export function themeButton(button: HTMLButtonElement): void {
  let theme = remembered();
  const show = () => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    button.textContent = words[theme];
    button.setAttribute('aria-label', `Theme: ${theme}`);
    document.dispatchEvent(new Event('themechange'));
  };
  button.addEventListener('click', () => {
    theme = next[theme];
    try {
      localStorage.setItem(key, theme);
    } catch {
      // Storage is forbidden here: the choice lasts as long as the page.
    }
    show();
  });
  show();
}

function remembered(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}
