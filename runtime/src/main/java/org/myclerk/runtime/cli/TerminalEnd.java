package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.EnumSet;

import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Attributes.OutputFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The terminal that a person sits at, every key handed on but Ctrl-], which leaves. */
final class TerminalEnd implements LocalEnd {

    private static final byte LEAVE = 0x1D;

    private final Terminal terminal;
    private final Attributes before;
    private final InputStream in;
    private final OutputStream out;
    private boolean left;

    private TerminalEnd(Terminal terminal) {
        this.terminal = terminal;
        this.before = terminal.enterRawMode();
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlags(EnumSet.of(LocalFlag.ISIG, LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN),
                false);
        raw.setInputFlags(EnumSet.of(InputFlag.IXON, InputFlag.IXOFF, InputFlag.ICRNL, InputFlag.INLCR,
                InputFlag.IGNCR), false);
        raw.setOutputFlag(OutputFlag.OPOST, false);
        terminal.setAttributes(raw);
        this.in = terminal.input();
        this.out = terminal.output();
    }

    static TerminalEnd open() throws IOException {
        return new TerminalEnd(TerminalBuilder.builder().system(true).dumb(false).jna(false).jansi(false)
                .build());
    }

    @Override
    public int read(byte[] into) throws IOException {
        if (left) {
            return -1;
        }
        int count = in.read(into, 0, into.length);
        for (int i = 0; i < count; i++) {
            if (into[i] == LEAVE) {
                left = true;
                return i == 0 ? -1 : i;
            }
        }
        return count;
    }

    @Override
    public boolean write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return true;
    }

    @Override
    public void close() throws IOException {
        terminal.setAttributes(before);
        terminal.close();
    }
}
