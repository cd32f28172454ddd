/* SPDX-License-Identifier: Apache-2.0 */
/* A hosted C program: picolibc's start-up code, console, files and exit by semihosting. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int files(void) {
  char text[64];
  FILE *file = fopen("out.txt", "w");
  if (file == NULL) {
    printf("no files\n");
    return 3;
  }
  fprintf(file, "first line\nsecond %d\n", 2);
  fclose(file);
  file = fopen("out.txt", "r");
  if (file == NULL) return 4;
  while (fgets(text, sizeof text, file) != NULL) printf("read: %s", text);
  fclose(file);
  if (fopen("../escape.txt", "w") != NULL || fopen("/tmp/escape.txt", "w") != NULL) return 5;
  if (fopen("missing.txt", "r") != NULL) return 6;
  file = fopen("data.bin", "w");
  for (int i = 0; i < 3000; ++i) fputc(i & 0xff, file);
  fclose(file);
  file = fopen("data.bin", "r");
  if (fseek(file, 2560 + 7, SEEK_SET) != 0 || fgetc(file) != 7) return 7;
  fclose(file);
  return unlink("data.bin") == 0 ? 0 : 8;
}

int main(void) {
  char text[64];
  printf("hello from %s, %.3f\n", "picolibc", 3.14159);
  double *const numbers = malloc(100 * sizeof *numbers);
  if (numbers == NULL) return 9;
  double sum = 0;
  for (int i = 0; i < 100; ++i) sum += numbers[i] = 0.5 * i;
  printf("sum %.1f\n", sum);
  free(numbers);
  const int result = files();
  if (result != 0) return result;
  if (fgets(text, sizeof text, stdin) != NULL) printf("input: %s", text);
  return 42;
}
