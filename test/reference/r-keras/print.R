# What R keras 2.13 prints: run with R, keras 2.13.0 and tensorflow 2.13.0 of rstudio's sources, on Python with Keras 2.13:
#   RETICULATE_PYTHON=.venv-keras2/bin/python Rscript test/reference/r-keras/print.R > test/reference/r-keras/print.txt
# Sections begin with `== name`.
library(keras)
section <- function(name, code) {
  cat("== ", name, "\n", sep = "")
  force(code)
}
options(width = 65)

m <- keras_model_sequential()
section("empty", print(m))
m %>% layer_dense(units = 4) %>% layer_dense(units = 1)
section("not built", print(m))
section("not built, summary", summary(m))

m <- keras_model_sequential(name = "frozen") %>%
  layer_dense(units = 4, input_shape = 3, name = "a") %>%
  layer_dropout(0.5, name = "d") %>%
  layer_dense(units = 1, name = "b")
section("built", print(m))
# R takes 11 characters of the width for the column of what is trainable; here they are added.
options(width = 76)
freeze_weights(m, to = 1)
section("frozen", print(m))

outer <- keras_model_sequential(name = "outer")
outer$add(m)
section("nested", print(outer %>% layer_dense(units = 2, name = "c")))

x <- layer_input(shape = 3, name = "x")
left <- x %>% layer_dense(2, name = "left")
section("symbolic input", print(x))
section("symbolic", print(left))
options(width = 98)
section("graph", print(keras_model(x, list(left, layer_dense(x, 1, name = "right")), name = "two")))

options(width = 80)
history <- list(
  params = list(epochs = 3, samples = 48000, validation_samples = 12000, batch_size = 128),
  metrics = list(loss = c(3, 2, 0.34751), mae = c(3, 2, 1234.56), val_loss = c(3, 2, 0.000053413), val_mae = c(3, 2, 0.98))
)
class(history) <- "keras_training_history"
section("history", print(history))

# Arrays of R count their values column by column: those of one row are in the same order everywhere.
data <- list(
  train = list(x = array(c(1.2325, 0.02177, 4.8982, 0.0396, 3.6931, 1), c(1, 6)), y = array(c(15.2, 42.3, 50, 21.1), 4)),
  test = list(x = array(0:11, c(1, 3, 4)), y = array(c(5L, 0L, 4L), 3))
)
section("data", str(data))
section("data of lists", str(list(
  train = list(x = lapply(1:8, function(n) c(1L, seq_len(20 * n) + 3L)), y = array(rep(0:1, 10), 20)),
  test = list(x = list(5L, c(1.5, 2), integer(0)), y = array(c(1, 0.5, 123456), 3))
), list.len = 5))
