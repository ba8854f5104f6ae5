package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;

/** Standard input and output that are no terminal. */
record PipeEnd(InputStream in, PrintStream out) implements LocalEnd {

    @Override
    public int read(byte[] into) throws IOException {
        return in.read(into);
    }

    @Override
    public boolean write(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
        out.flush();
        return !out.checkError();
    }

    @Override
    public void close() {
        out.flush();
    }
}
