/* A converter library that knows no encoding: libxml2 then reads UTF-8, UTF-16, ISO-8859-1 and ASCII, which it does by
   itself, and reports every other encoding as unsupported. Only the static build links this. */
#include "CICUStub.h"

/* U_FILE_ACCESS_ERROR: what ICU answers when it has no data for a converter. */
enum { NO_SUCH_CONVERTER = 4 };

void *ucnv_open_72(const char *name, int *error) {
    (void)name;
    if (error) *error = NO_SUCH_CONVERTER;
    return 0;
}

void ucnv_close_72(void *converter) { (void)converter; }

void ucnv_convertEx_72(void) {}
void ucnv_setFromUCallBack_72(void) {}
void ucnv_setToUCallBack_72(void) {}
void UCNV_FROM_U_CALLBACK_STOP_72(void) {}
void UCNV_TO_U_CALLBACK_STOP_72(void) {}
