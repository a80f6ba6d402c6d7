# Critical values of the largest studentised difference of normal variables, without simulation.
# range: all pairs of independent variables of equal variance, from the studentised range.
# best: one variable (j) against all others, independent with standard errors 1, 1/2, 1/3, ...
# three: all pairs of three correlated variables, by integration over one difference.
# slope is the derivative of the probability at the critical value.
# Usage: Rscript ranks.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
solve_for <- function(probability, level) {
  critical <- uniroot(function(x) probability(x) - level, c(0.1, 9), tol = 1e-12)$root
  step <- 1e-3
  slope <- (probability(critical + step) - probability(critical - step)) / (2 * step)
  c(critical = critical, slope = signif(slope, 5))
}
area <- function(f, low, high) integrate(f, low, high, rel.tol = 1e-9, subdivisions = 2000)$value
range_of <- function(size) function(x) ptukey(x * sqrt(2), size, Inf)
best_of <- function(size, j) function(x) {
  error <- 1 / seq_len(size)
  area(function(u) {
    inside <- sapply(setdiff(seq_len(size), j), function(i)
      pnorm((x * sqrt(error[i]^2 + error[j]^2) + error[j] * u) / error[i]))
    dnorm(u) * apply(matrix(inside, nrow = length(u)), 1, prod)
  }, -9, 9)
}
three_of <- function(s, r) function(x) {
  v <- outer(s, s) * matrix(c(1, r[1], r[2], r[1], 1, r[3], r[2], r[3], 1), 3)
  spread <- function(i, j) sqrt(v[i, i] + v[j, j] - 2 * v[i, j])
  bound <- x * c(spread(1, 2), spread(1, 3), spread(2, 3))
  across <- v[1, 1] - v[1, 2] - v[1, 3] + v[2, 3]
  weight <- across / spread(1, 2)^2
  rest <- sqrt(spread(1, 3)^2 - weight * across)
  joint <- function(d) {
    low <- pmax(-bound[2], d - bound[3]); high <- pmin(bound[2], d + bound[3])
    inside <- pnorm(high, weight * d, rest) - pnorm(low, weight * d, rest)
    dnorm(d, 0, spread(1, 2)) * pmax(inside, 0)
  }
  kinks <- c(bound[3] - bound[2], bound[2] - bound[3])
  ends <- sort(c(-bound[1], bound[1], kinks[abs(kinks) < bound[1]]))
  sum(mapply(function(from, to) if (to > from) area(joint, from, to) else 0,
             head(ends, -1), tail(ends, -1)))
}
rows <- list()
add <- function(case, size, j, s, r, level, probability) {
  rows[[length(rows) + 1]] <<- data.frame(
    case = case, size = size, j = j, s1 = s[1], s2 = s[2], s3 = s[3],
    r12 = r[1], r13 = r[2], r23 = r[3], level = level, t(solve_for(probability, level)))
}
none <- rep(0, 3)
for (level in c(0.8, 0.95, 0.99)) {
  for (size in c(2, 3, 10, 40)) add("range", size, 0, none, none, level, range_of(size))
  for (j in c(1, 2, 6)) add("best", 6, j, none, none, level, best_of(6, j))
  add("three", 3, 0, c(1, 1, 1), c(0.5, 0.5, 0.5), level, three_of(c(1, 1, 1), c(0.5, 0.5, 0.5)))
  add("three", 3, 0, c(1, 2, 0.5), c(0.6, -0.3, 0.1), level,
      three_of(c(1, 2, 0.5), c(0.6, -0.3, 0.1)))
  add("three", 3, 0, c(1, 1.1, 3), c(0.95, 0, 0), level, three_of(c(1, 1.1, 3), c(0.95, 0, 0)))
}
write.csv(format(do.call(rbind, rows), digits = 17, trim = TRUE), output, row.names = FALSE,
          quote = FALSE)
