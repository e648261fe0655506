/* Runs a compiled model on the inputs of a file and writes its outputs into another: for machines without Python.
 *
 *   run_case INPUTS OUTPUTS [THREADS]
 *
 * A file is a count of tensors, and for each its type, its rank, its dims and its bytes; all numbers are i64. */

#include <stdio.h>
#include <stdlib.h>
#include <transom/transom.h>

const TransomLibrary *MODEL_LIBRARY(void);

enum { MOST = 512 };

static int fail(const char *what, const char *why) {
  fprintf(stderr, "run_case: %s: %s\n", what, why);
  return EXIT_FAILURE;
}

static int64_t number(FILE *file) {
  int64_t value = -1;
  return fread(&value, sizeof value, 1, file) == 1 ? value : -1;
}

/* The tensors of a file, or -1. */
static int64_t read_tensors(FILE *file, TransomTensor *tensors) {
  int64_t count = number(file);
  for (int64_t i = 0; i < count; ++i) {
    TransomTensor *tensor = &tensors[i];
    if (i == MOST)
      return -1;
    *tensor = (TransomTensor){.type = (int32_t)number(file), .rank = (int32_t)number(file)};
    if (tensor->rank < 0 || tensor->rank > TRANSOM_MAX_RANK)
      return -1;
    for (int32_t d = 0; d < tensor->rank; ++d)
      tensor->shape[d] = number(file);
    int64_t bytes = number(file);
    if (bytes < 0)
      return -1;
    tensor->capacity_bytes = (size_t)bytes;
    /* One byte at least: the data of an empty tensor is not null. */
    tensor->data = malloc((size_t)bytes + 1);
    if (!tensor->data || fread(tensor->data, 1, (size_t)bytes, file) != (size_t)bytes)
      return -1;
  }
  return count;
}

static int write_tensors(FILE *file, const TransomTensor *tensors, int64_t count) {
  size_t written = fwrite(&count, sizeof count, 1, file);
  for (int64_t i = 0; i < count; ++i) {
    int64_t head[2] = {tensors[i].type, tensors[i].rank}, bytes = transom_type_bits(tensors[i].type) / 8;
    for (int32_t d = 0; d < tensors[i].rank; ++d)
      bytes *= tensors[i].shape[d];
    written += fwrite(head, sizeof *head, 2, file);
    written += fwrite(tensors[i].shape, sizeof(int64_t), (size_t)tensors[i].rank, file);
    written += fwrite(&bytes, sizeof bytes, 1, file);
    if (fwrite(tensors[i].data, 1, (size_t)bytes, file) != (size_t)bytes)
      return 0;
  }
  return written > 0;
}

int main(int argc, char **argv) {
  static TransomTensor inputs[MOST], outputs[MOST];
  char why[TRANSOM_ERROR_BYTES] = "";
  TransomModel *model;
  TransomContext *context;
  TransomContextOptions options = {.struct_size = sizeof options, .threads = argc > 3 ? (uint32_t)atoi(argv[3]) : 1};
  FILE *from = argc > 2 ? fopen(argv[1], "rb") : NULL;
  if (!from)
    return fail("usage", "run_case INPUTS OUTPUTS [THREADS]");
  int64_t given = read_tensors(from, inputs);
  fclose(from);
  if (given < 0)
    return fail(argv[1], "is cut off");
  if (transom_open(MODEL_LIBRARY(), NULL, &model, why, sizeof why))
    return fail("open", why);
  if (transom_context_create(model, &options, &context, why, sizeof why))
    return fail("context", why);
  uint32_t made = transom_info(model)->num_outputs;
  if (made > MOST)
    return fail("outputs", "too many");
  if (transom_run(context, inputs, (uint32_t)given, outputs, made))
    return fail("run", transom_error(context));
  FILE *to = fopen(argv[2], "wb");
  if (!to || !write_tensors(to, outputs, made) || fclose(to))
    return fail(argv[2], "cannot be written");
  transom_context_destroy(context);
  transom_close(model);
  return EXIT_SUCCESS;
}
