# Shares of clustered, weighted and stratified observations, by package survey.
# Usage: Rscript design_survey.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages(library(survey))
set.seed(1934)
sizes <- sample(1:6, 60, replace = TRUE)
n_strata <- 4
one_way <- data.frame(cluster = rep(seq_along(sizes), sizes))
n <- nrow(one_way)
one_way <- transform(one_way, stratum = 1, weight = round(rexp(n) + 0.2, 3),
                     domain = rbinom(n, 1, 0.6), y = rbinom(n, 1, plogis(rnorm(60)[cluster])))
strata <- data.frame(cluster = rep(1:50, each = 3), stratum = rep(1:n_strata, c(15, 30, 45, 60)))
strata <- transform(strata, weight = c(8, 2, 5, 3)[stratum],
                    domain = rbinom(150, 1, plogis(1 + rnorm(50)[cluster])))
strata$y <- strata$domain * rbinom(150, 1, plogis(rnorm(50)[strata$cluster]))
summarise <- function(data, design) {
  share <- svymean(~y, design)
  ratio <- svyratio(~I(y * domain), ~domain, design)
  data.frame(data[c("stratum", "cluster", "weight", "domain", "y")],
             share = coef(share)[[1]], share_se = SE(share)[[1]],
             ratio = coef(ratio)[[1]], ratio_se = SE(ratio)[[1]], row.names = NULL)
}
rows <- rbind(
  data.frame(case = "clusters", summarise(one_way, svydesign(~cluster, weights = ~weight, data = one_way))),
  data.frame(case = "strata", summarise(strata, svydesign(~cluster, strata = ~stratum, weights = ~weight, data = strata)))
)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
