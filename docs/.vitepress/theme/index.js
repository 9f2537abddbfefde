/** VitePress's own look without its fonts: those of the reader's system do. */
import theme from 'vitepress/theme-without-fonts'
import './style.css'

export default theme
