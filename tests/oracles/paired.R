# Mantel-Haenszel, McNemar and conditional logit by stats::mantelhaen.test, mcnemar.test, and
# survival::clogit; the conditional estimate of `berkeley` by mantelhaen.test(exact = TRUE), whose
# root is good to four digits. Each case is a list of two-by-two tables (arm by outcome), one a block.
# Usage: Rscript paired.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages(library(survival))
set.seed(20150424)
pairs_of <- function(n, a, b) vapply(seq_len(n), function(i) {
  c(rbinom(1, 1, a), rbinom(1, 1, b))
}, numeric(2))
blocks_of <- function(hits, sizes) {
  array(rbind(hits[1, ], hits[2, ], sizes[1, ] - hits[1, ], sizes[2, ] - hits[2, ]),
        c(2, 2, ncol(hits)))
}
berkeley <- aperm(UCBAdmissions, c(2, 1, 3))
sizes <- matrix(sample(1:5, 160, replace = TRUE), nrow = 2)
cases <- list(
  berkeley = array(berkeley, dim(berkeley)),
  pairs = blocks_of(pairs_of(150, 0.5, 0.3), matrix(1, 2, 150)),
  blocks = blocks_of(matrix(rbinom(160, sizes, c(0.55, 0.3)), nrow = 2), sizes),
  even = blocks_of(matrix(rbinom(160, sizes, 0.4), nrow = 2), sizes)
)
one_case <- function(name) {
  tables <- cases[[name]]
  n <- dim(tables)[3]
  long <- data.frame(block = rep(seq_len(n), each = 4), arm = rep(c(1, 0, 1, 0), n),
                     outcome = rep(c(1, 1, 0, 0), n), count = c(tables))
  long <- long[rep(seq_len(nrow(long)), long$count), ]
  plain <- mantelhaen.test(tables, correct = FALSE)
  corrected <- mantelhaen.test(tables, correct = TRUE)
  logit <- if (name == "berkeley")
    c(log(mantelhaen.test(tables, exact = TRUE)$estimate), NA) else
    summary(clogit(outcome ~ arm + strata(block), data = long, method = "exact",
                   control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)
    ))$coefficients[c(1, 3)]
  differs <- apply(tables[, 1, , drop = FALSE], 3, function(x) x)
  mcnemar <- if (name == "pairs")
    mcnemar.test(table(differs[1, ], differs[2, ]), correct = FALSE)$statistic else NA
  robust <- NA
  if (name == "pairs") {
    split <- subset(long, tapply(outcome, block, sum)[block] == 1)
    split$group <- ceiling(split$block / 4)
    robust <- summary(clogit(outcome ~ arm + strata(block), cluster = group, data = split,
                             method = "efron", control = coxph.control(eps = 1e-12,
                             toler.chol = 1e-13, iter.max = 50)))$coefficients[4]
  }
  data.frame(case = name, block = seq_len(n),
             hits = tables[1, 1, ], others = tables[2, 1, ],
             size = tables[1, 1, ] + tables[1, 2, ],
             size_other = tables[2, 1, ] + tables[2, 2, ],
             statistic = unname(plain$statistic), p = plain$p.value,
             statistic_corrected = unname(corrected$statistic), p_corrected = corrected$p.value,
             odds_ratio = unname(plain$estimate), low = plain$conf.int[1],
             high = plain$conf.int[2], logit = logit[1], logit_se = logit[2],
             mcnemar = unname(mcnemar), robust_se = robust, row.names = NULL)
}
rows <- do.call(rbind, lapply(names(cases), one_case))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
