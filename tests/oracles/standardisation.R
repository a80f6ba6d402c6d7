# Directly standardised shares of two arms that share their clusters, by package survey.
# Usage: Rscript standardisation.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages(library(survey))
set.seed(1957)
n_clusters <- 40
data <- expand.grid(copy = 1:4, arm = c("a", "b"), cluster = 1:n_clusters, stringsAsFactors = FALSE)
data$stratum <- paste0("s", sample(1:3, nrow(data), replace = TRUE, prob = c(5, 3, 2)))
data$weight <- round(rexp(nrow(data)) + 0.3, 3)
data$y <- rbinom(nrow(data), 1, plogis(rnorm(n_clusters)[data$cluster] - 0.5
                                       + 0.7 * (data$arm == "b") + 0.6 * (data$stratum == "s2")))
mix <- c(s1 = 0.2, s2 = 0.5, s3 = 0.3)
design <- svydesign(~cluster, weights = ~weight, data = data)
alike <- svystandardize(design, by = ~stratum, over = ~arm, population = mix)
found <- svyby(~y, ~arm, alike, svymean)
contrast <- svyglm(y ~ I(arm == "a"), alike)
rows <- data.frame(data[c("cluster", "arm", "stratum", "weight", "y")],
                   share = coef(found)[data$arm], share_se = setNames(SE(found), names(coef(found)))[data$arm],
                   difference = coef(contrast)[[2]], difference_se = SE(contrast)[[2]], row.names = NULL)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
