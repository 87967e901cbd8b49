/* Answers the ICU calls that a static libxml2 makes; see packaging/README.md. */
#ifndef CICUSTUB_H
#define CICUSTUB_H
#endif
