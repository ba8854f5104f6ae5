package org.myclerk.backend.pi4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioLineInfo;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.GpioSettings.Direction;
import org.myclerk.device.gpio.GpioSettings.Drive;
import org.myclerk.device.gpio.GpioSettings.Edge;

import com.pi4j.boardinfo.definition.BoardModel;
import com.pi4j.boardinfo.definition.HeaderType;
import com.pi4j.boardinfo.model.HeaderPin;
import com.pi4j.context.Context;

/**
 * The pins on a board's header, through whatever provider the Pi4J context has. A line's number is the chip's
 * (BCM), its name tells the pin of the header too: {@code GPIO17 (pin 11)}. Pi4J knows neither open drains
 * nor the kernel's time of an edge: edges carry the time at which Pi4J told of them.
 */
final class Pi4jChip implements GpioChip {

    private final Context context;
    private final BoardModel board;
    /** By number of the line. */
    private final Map<Integer, String> names;
    private final Map<Integer, GpioRequest> used = new ConcurrentHashMap<>();

    Pi4jChip(Context context, BoardModel board) {
        this.context = context;
        this.board = board;
        this.names = names(board);
    }

    /** The lines of a board by their numbers; none for a board without a header that is known. */
    static Map<Integer, String> names(BoardModel board) {
        Map<Integer, String> names = new TreeMap<>();
        for (HeaderType header : board.getHeaderVersion().getHeaderTypes()) {
            for (HeaderPin pin : header.getPins()) {
                if (pin.getBcmNumber() != null) {
                    names.putIfAbsent(pin.getBcmNumber(), "GPIO%d (pin %d)".formatted(pin.getBcmNumber(),
                            pin.getPinNumber()));
                }
            }
        }
        return names;
    }

    @Override
    public String name() {
        return "pi4j";
    }

    @Override
    public String label() {
        return board.getLabel();
    }

    @Override
    public int lines() {
        return names.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    }

    @Override
    public GpioLineInfo info(int line) throws DeviceException {
        if (line < 0 || line >= lines()) {
            throw new DeviceException(ErrorCode.BAD_REQUEST,
                    "the header of %s has no line %d".formatted(label(), line));
        }
        Optional<GpioRequest> request = Optional.ofNullable(used.get(line));
        return new GpioLineInfo(line, names.getOrDefault(line, ""),
                request.map(GpioRequest::consumer).orElse(""),
                request.isPresent(), request.map(GpioRequest::settings).orElse(GpioSettings.INPUT));
    }

    @Override
    public GpioLines request(GpioRequest request) throws DeviceException {
        refuseWhatPi4jCannot(request.settings());
        List<Integer> taken = new ArrayList<>();
        try {
            for (int line : request.lines()) {
                if (!names.containsKey(line)) {
                    throw new DeviceException(ErrorCode.BAD_REQUEST,
                            "the header of %s has no line %d".formatted(label(), line));
                }
                GpioRequest other = used.putIfAbsent(line, request);
                if (other != null) {
                    throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                            "line %d of %s is in use by \"%s\""
                            .formatted(line, label(), other.consumer()));
                }
                taken.add(line);
            }
            return new Pi4jLines(context, request, () -> request.lines()
                    .forEach(line -> used.remove(line, request)));
        } catch (DeviceException e) {
            taken.forEach(line -> used.remove(line, request));
            throw e;
        }
    }

    static void refuseWhatPi4jCannot(GpioSettings settings) throws DeviceException {
        if (settings.direction() == Direction.AS_IS) {
            throw new DeviceException(ErrorCode.BAD_REQUEST, "Pi4J wants a line to be an input or an output");
        }
        if (settings.direction() == Direction.OUTPUT && settings.drive() != Drive.PUSH_PULL) {
            throw new DeviceException(ErrorCode.BAD_REQUEST, "Pi4J drives outputs push-pull only");
        }
        if (settings.direction() == Direction.OUTPUT && settings.edge() != Edge.NONE) {
            throw new DeviceException(ErrorCode.BAD_REQUEST, "edges are those of inputs");
        }
    }
}
