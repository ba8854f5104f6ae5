package org.myclerk.backend.pi4j;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.payload.Fields;
import org.osgi.service.component.annotations.Component;

import com.pi4j.Pi4J;
import com.pi4j.boardinfo.definition.BoardModel;
import com.pi4j.context.Context;
import com.pi4j.io.IOType;

/**
 * The header of the board that Pi4J recognises, if a provider for digital pins is beside it: a plugin in a
 * fragment of this bundle. Without one nothing is offered, and the kernel's own lines are those of
 * {@code backend.linux}.
 */
@Component
public final class Pi4jBoard implements DeviceSource {

    private static final System.Logger LOG = System.getLogger("org.myclerk.backend.pi4j");
    private static final String ID = "pi4j-header";
    /** Where the kernel tells what board it runs on; Pi4J looks there. */
    private static final Path MODEL = Path.of("/proc/device-tree/model");

    private Context context;

    @Override
    public void start(DeviceSink sink) {
        if (!Files.exists(MODEL)) {
            LOG.log(System.Logger.Level.INFO, "no board that Pi4J could know: there is no {0}", MODEL);
            return;
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(Pi4jBoard.class.getClassLoader());
        try {
            context = Pi4J.newContextBuilder().autoDetect().disableShutdownHook().build();
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.INFO, "Pi4J offers nothing here: {0}", e.getMessage());
            return;
        } finally {
            thread.setContextClassLoader(before);
        }
        offer(sink, context, context.boardInfo().getBoardModel(), false);
    }

    static void offer(DeviceSink sink, Context context, BoardModel board, boolean simulated) {
        Map<Integer, String> names = Pi4jChip.names(board);
        if (names.isEmpty() || !context.hasProvider(IOType.DIGITAL_INPUT)
                || !context.hasProvider(IOType.DIGITAL_OUTPUT)) {
            return;
        }
        Map<String, Object> header = new LinkedHashMap<>();
        names.forEach((line, name) -> header.put(Integer.toString(line), name));
        sink.appeared(new Device(new DeviceInfo(ID, "gpio", "Header of " + board.getLabel(), "Pi4J",
                Fields.of(Map.of("board", board.getLabel(), "header", header)), simulated),
                new Pi4jChip(context, board)));
    }

    @Override
    public void stop() {
        if (context != null) {
            context.shutdown();
            context = null;
        }
    }
}
