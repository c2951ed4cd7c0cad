# R's own smooth lines, for test/plots: Rscript test/reference/loess.R > test/reference/loess.json
curve <- function(n, power) {
  x <- seq_len(n)
  round(exp(-x / (n / power)) + 0.1 * sin(x * 12.9898), 6)
}
cases <- list(
  list(x = 1:10, y = curve(10, 2)),
  list(x = 1:30, y = curve(30, 5)),
  list(x = c(1, 2, 3, 5, 8, 9, 12, 20, 21, 22, 40, 41), y = curve(12, 3))
)
number <- function(values) paste0("[", paste(format(values, digits = 15, trim = TRUE), collapse = ", "), "]")
texts <- vapply(cases, function(case) {
  places <- seq(min(case$x), max(case$x), length.out = 7)
  smooth <- function(surface) {
    fit <- loess(y ~ x, data.frame(x = case$x, y = case$y), control = loess.control(surface = surface))
    predict(fit, data.frame(x = places))
  }
  sprintf(
    '{ "x": %s, "y": %s, "places": %s, "direct": %s, "interpolated": %s }',
    number(case$x), number(case$y), number(places), number(smooth("direct")), number(smooth("interpolate"))
  )
}, "")
cat("[\n", paste0("  ", texts, collapse = ",\n"), "\n]\n", sep = "")
