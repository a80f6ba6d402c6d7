# Readings of a stratified cluster sample with unequal inclusion probabilities, calibrated to the
# strata's sizes, by package survey: share, ratio, contrast of two domains, logistic regression.
# Usage: Rscript corrected_survey.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages(library(survey))
set.seed(2023)
sizes <- sample(1:5, 120, replace = TRUE)
cluster <- rep(seq_along(sizes), sizes)
stratum <- c(1, 2, 3)[1 + (seq_along(sizes) > 40) + (seq_along(sizes) > 70)][cluster]
n <- length(cluster)
rows <- data.frame(stratum, cluster, inclusion = round(runif(120, 0.05, 0.5), 3)[cluster],
                   context = rbinom(n, 1, 0.4), domain = rbinom(n, 1, plogis(1 + rnorm(120)[cluster])),
                   x1 = round(rnorm(n), 3), x2 = rbinom(n, 1, 0.5))
rows$y <- rows$domain * rbinom(n, 1, plogis(-0.5 + 0.6 * rows$x1 + rows$context + rnorm(120)[cluster]))
frame_size <- c(900, 1300, 700)
rows$frame_size <- frame_size[stratum]
design <- svydesign(~cluster, strata = ~stratum, probs = ~inclusion, data = rows)
design <- postStratify(design, ~stratum, data.frame(stratum = 1:3, Freq = frame_size))
share <- svymean(~y, design)
ratio <- svyratio(~y, ~domain, design)
design <- update(design, k1 = y * context, n1 = context, k0 = y * (1 - context), n0 = 1 - context)
totals <- svytotal(~k1 + n1 + k0 + n0, design)
difference <- svycontrast(totals, quote(k1 / n1 - k0 / n0))
log_ratio <- svycontrast(totals, quote(log(k1 / n1) - log(k0 / n0)))
log_odds <- svycontrast(totals, quote(log(k1 / (n1 - k1)) - log(k0 / (n0 - k0))))
control <- glm.control(epsilon = 1e-14, maxit = 100)
fit <- svyglm(y ~ x1 + x2, design, family = quasibinomial(), control = control)
inside <- svyglm(y ~ x1 + x2, subset(design, domain == 1), family = quasibinomial(), control = control)
rows <- data.frame(
  rows, share = coef(share)[[1]], share_se = SE(share)[[1]],
  ratio = coef(ratio)[[1]], ratio_se = SE(ratio)[[1]],
  difference = coef(difference)[[1]], difference_se = SE(difference)[[1]],
  log_ratio = coef(log_ratio)[[1]], log_ratio_se = SE(log_ratio)[[1]],
  log_odds = coef(log_odds)[[1]], log_odds_se = SE(log_odds)[[1]],
  as.list(setNames(coef(fit), c("b0", "b1", "b2"))),
  as.list(setNames(SE(fit), c("b0_se", "b1_se", "b2_se"))), b12_covariance = vcov(fit)[2, 3],
  as.list(setNames(coef(inside), c("d0", "d1", "d2"))),
  as.list(setNames(SE(inside), c("d0_se", "d1_se", "d2_se")))
)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
