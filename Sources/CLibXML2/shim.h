/* libxml2 as Swift sees it. There is no `link` line in the module map: the library comes from
   pkg-config alone, so that the static build can choose another one (see packaging/README.md). */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlversion.h>
