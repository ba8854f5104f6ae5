package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.device.onewire.RomCode;
import org.myclerk.op.onewire.BusInfo;
import org.myclerk.op.onewire.Data;
import org.myclerk.op.onewire.Match;
import org.myclerk.op.onewire.OneWireOperations;
import org.myclerk.op.onewire.Rom;
import org.myclerk.op.onewire.Search;
import org.myclerk.op.onewire.Skip;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** 1-Wire buses of another node. */
@Command(name = "onewire",
        description = "List 1-Wire buses and devices of a node, read thermometers and bytes.",
        footer = {"", "  myclerk onewire shed list                            buses and what is on them",
            "  myclerk onewire shed temperature                     all thermometers",
            "  myclerk onewire shed temperature 28-0000066a1f2c     one of them",
            "  myclerk onewire shed read 28-0000066a1f2c be 9       send BE, read 9 bytes, check their CRC",
            "  myclerk onewire shed write 28-0000066a1f2c 4e4b467f  send bytes",
            "A device is found on whatever bus it is; --bus says which."})
final class OneWireCommand extends Task {

    private static final int CONVERSION_MS = 750;
    private static final Bytes CONVERT = Bytes.wrap((byte) 0x44);
    private static final Bytes READ_SCRATCHPAD = Bytes.wrap((byte) 0xBE);
    private static final int SCRATCHPAD = 9;
    private static final int DS18S20 = 0x10;
    private static final List<Integer> THERMOMETERS = List.of(DS18S20, 0x22, 0x28);

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", paramLabel = "ACTION", description = "list, temperature, read or write.")
    private String action;

    @Parameters(index = "2..*", arity = "0..*", paramLabel = "ARGUMENT", description = "See below.")
    private List<String> arguments = List.of();

    @Option(names = "--bus", paramLabel = "BUS",
            description = "Only this bus; myclerk onewire PEER list has its id.")
    private Optional<String> onlyBus = Optional.empty();

    /** A device, and the bus it is on. */
    private record Place(String bus, Rom rom) {
    }

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        int[] allowed = switch (action) {
            case "list" -> new int[] {0, 0};
            case "temperature" -> new int[] {0, Integer.MAX_VALUE};
            case "read" -> new int[] {3, 3};
            case "write" -> new int[] {2, 2};
            default ->
                    throw Failure.usage("\"%s\" is not list, temperature, read or write".formatted(action));
        };
        if (arguments.size() < allowed[0] || arguments.size() > allowed[1]) {
            throw Failure.usage("%s: see myclerk onewire --help for what it takes".formatted(action));
        }
        Peer peer = root().reach().peer(peerName);
        switch (action) {
            case "list" -> list(peer);
            case "temperature" -> temperature(peer);
            case "read" -> {
                int length = length(arguments.get(2));
                Place place = find(peer, arguments.getFirst());
                out()
                        .println(HexFormat.of().formatHex(exchange(peer, place,
                        Optional.of(bytes(arguments.get(1))),
                        Optional.of(length), true).toArray()));
            }
            default -> exchange(peer, find(peer, arguments.getFirst()), Optional.of(bytes(arguments.get(1))),
                    Optional.empty(), false);
        }
    }

    private List<BusInfo> buses(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        List<BusInfo> all = peer.call(OneWireOperations.ONEWIRE_BUS_LIST, None.NONE).buses();
        List<BusInfo> meant = all.stream().filter(bus -> onlyBus.map(bus.bus()::equals).orElse(true))
                .toList();
        if (meant.isEmpty()) {
            throw new Failure(onlyBus.isEmpty() ? peer.name() + " has no 1-Wire bus"
                    : "%s: %s has no such 1-Wire bus; it has %s".formatted(onlyBus.get(), peer.name(),
                    all.stream().map(BusInfo::bus).toList()));
        }
        return meant;
    }

    private List<Place> devices(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        List<Place> places = new ArrayList<>();
        for (BusInfo bus : buses(peer)) {
            peer.call(OneWireOperations.ONEWIRE_SEARCH, new Search(bus.bus(), Optional.empty())).devices()
                    .forEach(rom -> places.add(new Place(bus.bus(), rom)));
        }
        return places;
    }

    private void list(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        Table table = new Table("BUS", "DEVICE", "WHAT IT IS");
        for (Place place : devices(peer)) {
            table.row(place.bus, place.rom.name(), switch (place.rom.family()) {
                case 0x01 -> "serial number (DS2401)";
                case DS18S20 -> "thermometer (DS18S20)";
                case 0x22 -> "thermometer (DS1822)";
                case 0x28 -> "thermometer (DS18B20)";
                case 0x29 -> "switch (DS2408)";
                case 0x26 -> "battery monitor (DS2438)";
                case 0x2D -> "EEPROM (DS2431)";
                default -> "family %02x".formatted(place.rom.family());
            });
        }
        if (table.isEmpty()) {
            say("no device answers");
        } else {
            table.print(out());
        }
    }

    private Place find(Peer peer, String name) throws Failure, Refused, IOException, InterruptedException {
        RomCode wanted;
        try {
            wanted = RomCode.parse(name);
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage(wrong.getMessage());
        }
        List<Place> places = devices(peer);
        return places.stream().filter(place -> place.rom.rom().equals(wanted.bytes())).findFirst()
                .orElseThrow(() -> new Failure("%s: %s has no such device; it has %s".formatted(wanted,
                peer.name(),
                places.stream().map(place -> place.rom.name()).toList())));
    }

    private static Bytes exchange(Peer peer, Place place, Optional<Bytes> write, Optional<Integer> read,
            boolean crc)
            throws Refused, IOException, InterruptedException {
        Data data = peer.call(OneWireOperations.ONEWIRE_MATCH_ROM,
                new Match(place.bus, place.rom.rom(), write, read,
                crc ? Optional.of(true) : Optional.empty()));
        return data.data();
    }

    /** All thermometers of a bus measure at once, which takes the time of one. */
    private void temperature(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        List<Place> wanted = new ArrayList<>();
        if (arguments.isEmpty()) {
            wanted.addAll(devices(peer));
            wanted.removeIf(place -> !THERMOMETERS.contains(place.rom.family()));
        }
        for (String name : arguments) {
            wanted.add(find(peer, name));
        }
        if (wanted.isEmpty()) {
            throw new Failure(peer.name() + " has no thermometer");
        }
        for (String bus : wanted.stream().map(Place::bus).distinct().toList()) {
            peer.call(OneWireOperations.ONEWIRE_SKIP_ROM, new Skip(bus, Optional.of(CONVERT),
                    Optional.empty(),
                    Optional.empty()));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(CONVERSION_MS));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        for (Place place : wanted) {
            Bytes scratchpad = exchange(peer, place, Optional.of(READ_SCRATCHPAD), Optional.of(SCRATCHPAD),
                    true);
            int value = (short) (scratchpad.at(1) << 8 | scratchpad.at(0) & 0xFF);
            double degrees = place.rom.family() == DS18S20 ? value / 2.0 : value / 16.0;
            out().println("%s  %s".formatted(place.rom.name(), degrees));
        }
    }

    private static Bytes bytes(String hex) throws Failure {
        try {
            return Bytes.ofHex(hex);
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage("\"%s\" are no hexadecimal digits in pairs".formatted(hex));
        }
    }

    private static int length(String text) throws Failure {
        if (!text.matches("\\d{1,4}")) {
            throw Failure.usage("\"%s\" is no number of bytes".formatted(text));
        }
        return Integer.parseInt(text);
    }
}
