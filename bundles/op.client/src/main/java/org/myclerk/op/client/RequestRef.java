package org.myclerk.op.client;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a device request by its token. */
public record RequestRef(@Size(min = 16, max = 16) @Help("the request's token") Bytes token) {
}
