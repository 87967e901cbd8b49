/* Answers in place of others' code in the static build: the ICU calls of libxml2, and one of Swift's runtime; see
   packaging/README.md. */
#ifndef CICUSTUB_H
#define CICUSTUB_H
#endif
