package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.op.spi.DeviceEntry;
import org.myclerk.op.spi.DeviceRef;
import org.myclerk.op.spi.DeviceSettings;
import org.myclerk.op.spi.DeviceSetup;
import org.myclerk.op.spi.Segment;
import org.myclerk.op.spi.SpiOperations;
import org.myclerk.op.spi.Transfer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** SPI devices of another node, with the habits of spi-tools. */
@Command(name = "spi", description = "List SPI devices of a node, show their settings, transfer bytes.",
        footer = {"", "  myclerk spi kitchen list                         what is there",
            "  myclerk spi kitchen config -d spidev0.0 -q       settings, as spi-config prints them",
            "  printf '\\x9f\\0\\0\\0' | myclerk spi kitchen pipe -d spidev0.1 -b 4 -n 1 | xxd",
            "Settings given with pipe hold for its transfers. A device may be named with /dev/ before it."})
final class SpiCommand extends Task {

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", paramLabel = "ACTION", description = "list, config or pipe.")
    private String action;

    @Option(names = {"-d", "--device"}, paramLabel = "DEV", description = "The device.")
    private Optional<String> device = Optional.empty();

    @Option(names = {"-q", "--query"}, description = "config: print the settings.")
    private boolean query;

    @Option(names = {"-m", "--mode"}, paramLabel = "0-3", description = "Clock polarity and phase.")
    private Optional<Integer> mode = Optional.empty();

    @Option(names = {"-l", "--lsb"}, paramLabel = "0|1", description = "Least significant bit first.")
    private Optional<Integer> lsb = Optional.empty();

    @Option(names = "--bits", paramLabel = "N", description = "Bits of a word.")
    private Optional<Integer> bits = Optional.empty();

    @Option(names = {"-s", "--speed"}, paramLabel = "HZ", description = "Highest clock.")
    private Optional<Long> speed = Optional.empty();

    @Option(names = {"-b", "--blocksize"}, paramLabel = "BYTES", defaultValue = "1",
            description = "pipe: bytes of a transfer.")
    private int blockSize;

    @Option(names = {"-n", "--number"}, paramLabel = "N", defaultValue = "-1",
            description = "pipe: end after so many transfers; -1 for as many as come.")
    private int number;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        if (!List.of("list", "config", "pipe").contains(action)) {
            throw Failure.usage("\"%s\" is not list, config or pipe".formatted(action));
        }
        if (!action.equals("list") && device.isEmpty()) {
            throw Failure.usage("which device? add -d; myclerk spi %s list lists them".formatted(peerName));
        }
        if (blockSize < 1) {
            throw Failure.usage("-b: a transfer has at least one byte");
        }
        Peer peer = root().reach().peer(peerName);
        if (action.equals("list")) {
            list(peer);
            return;
        }
        String name = device.get().replaceFirst("^/dev/", "");
        DeviceSettings settings = peer.call(SpiOperations.SPI_DEVICE_OPEN, setup(name));
        try {
            if (action.equals("config")) {
                show(name, settings);
            } else {
                pipe(peer, name);
            }
        } finally {
            peer.call(SpiOperations.SPI_DEVICE_CLOSE, new DeviceRef(name));
        }
    }

    private DeviceSetup setup(String name) throws Failure {
        try {
            return new DeviceSetup(name, mode, speed, bits, lsb.map(it -> it != 0), Optional.empty(),
                    Optional.empty(), Optional.empty(), Optional.empty());
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage(wrong.getMessage());
        }
    }

    private void list(Peer peer) throws Refused, IOException, InterruptedException {
        Table table = new Table("DEVICE", "BUS", "CS", "BUFFER", "HOLDER", "PLACE");
        for (DeviceEntry entry : peer.call(SpiOperations.SPI_BUS_LIST, None.NONE).devices()) {
            table.row(entry.device(), Integer.toString(entry.bus()), Integer.toString(entry.chipSelect()),
                    Integer.toString(entry.bufferSize()), entry.holder().orElse("-"), entry.place());
        }
        if (table.isEmpty()) {
            say(peer.name() + " has no SPI device");
        } else {
            table.print(out());
        }
    }

    private void show(String name, DeviceSettings settings) {
        if (json()) {
            root().print(SpiOperations.SPI_CONFIGURE, settings);
        } else {
            out().println("/dev/%s: mode=%d, lsb=%d, bits=%d, speed=%d, spiready=0".formatted(name,
                    settings.mode(),
                    settings.lsbFirst() ? 1 : 0, settings.bitsPerWord(), settings.speedHz()));
        }
    }

    private void pipe(Peer peer, String name) throws Failure, Refused, IOException, InterruptedException {
        InputStream in = root().streams().in();
        for (int done = 0; done != number; done++) {
            byte[] block = in.readNBytes(blockSize);
            if (block.length < blockSize) {
                return;
            }
            Segment segment = new Segment(Optional.of(Bytes.wrap(block)), Optional.empty(), Optional.empty(),
                    Optional.empty(), Optional.empty(), Optional.empty());
            out().write(peer.call(SpiOperations.SPI_TRANSFER, new Transfer(name, List.of(segment))).received()
                    .getFirst().toArray());
            out().flush();
            if (out().checkError()) {
                return;
            }
        }
    }
}
