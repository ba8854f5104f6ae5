package org.myclerk.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The serving and the asking process of one contender, kept warm from round to round. */
final class Pair implements AutoCloseable {

    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-Xms256m", "-Xmx1g",
            "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final Child server;
    private final Child client;
    private final List<Long> pids = new ArrayList<>();

    /** A process that answers commands. */
    private static final class Child {

        final Process process;
        private final BufferedReader in;
        private final BufferedWriter out;
        private final Path log;

        Child(Path log, List<String> properties, List<String> arguments) throws IOException {
            this.log = log;
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(JVM);
            command.addAll(properties);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
            command.addAll(arguments);
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
            in = new BufferedReader(new InputStreamReader(process.getInputStream()));
            out = new BufferedWriter(new OutputStreamWriter(process.getOutputStream()));
        }

        Map<String, String> answer() throws IOException {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("> ")) {
                    Map<String, String> values = new LinkedHashMap<>();
                    for (String word : line.substring(2).split(" ")) {
                        int at = word.indexOf('=');
                        values.put(at < 0 ? word : word.substring(0, at),
                                at < 0 ? "" : word.substring(at + 1));
                    }
                    return values;
                }
            }
            throw new IOException("a process of the measurement has ended; %s says why".formatted(log));
        }

        Map<String, String> ask(String command) throws IOException {
            out.write(command + "\n");
            out.flush();
            return answer();
        }

        void quit() {
            try {
                out.write("quit\n");
                out.flush();
                if (!process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (IOException | InterruptedException gone) {
                process.destroyForcibly();
            }
        }
    }

    /**
     * Starts both.
     *
     * @param folder for files and logs
     * @param name of the contender
     * @param properties of the processes, as {@code -Dname=value}
     */
    Pair(Path folder, String name, List<String> properties) throws IOException {
        Path log = folder.resolve(name + ".log");
        server = new Child(log, properties, List.of("server", name, folder.toString()));
        Map<String, String> address = server.answer();
        List<String> arguments = new ArrayList<>(List.of("client", name, folder.toString()));
        address.forEach((key, value) -> arguments.add(key + "=" + value));
        client = new Child(log, properties, arguments);
        client.answer();
        for (String pid : address.get("pids").split(",")) {
            pids.add(Long.parseLong(pid));
        }
        pids.add(client.process.pid());
    }

    /** What one measurement gave. */
    record Sample(long operations, double seconds, double serverNanos, double clientNanos, long total,
            double p50, double p90, double p99, double p999, String curve) {

        /** CPU time of all processes, in nanoseconds. */
        double perOperation() {
            return (serverNanos + clientNanos) / operations;
        }

        double rate() {
            return operations / seconds;
        }
    }

    private static Sample sample(Map<String, String> answer) {
        return new Sample(number(answer, "ops"), number(answer, "nanos") / 1e9, number(answer, "server"),
                number(answer, "client"), number(answer, "total"), number(answer, "p50"),
                number(answer, "p90"),
                number(answer, "p99"), number(answer, "p999"), answer.getOrDefault("curve", ""));
    }

    private static long number(Map<String, String> answer, String key) {
        return Long.parseLong(answer.getOrDefault(key, "0"));
    }

    void connect(int connections) throws IOException {
        client.ask("connect " + connections);
    }

    Sample run(int depth, int size, int settleMillis, int millis) throws IOException {
        return sample(client.ask("run %d %d %d %d".formatted(depth, size, settleMillis, millis)));
    }

    Sample stream(int streams, int size, int millis) throws IOException {
        return sample(client.ask("stream %d %d %d".formatted(streams, size, millis)));
    }

    Sample shake(boolean resumed, int millis) throws IOException {
        return sample(client.ask("shake %d %d".formatted(resumed ? 1 : 0, millis)));
    }

    /** Bytes that the server has allocated so far. */
    long allocated() throws IOException {
        return number(server.ask("allocated"), "bytes");
    }

    /** Bytes that live on the server's heap. */
    long heap() throws IOException {
        return number(server.ask("heap"), "bytes");
    }

    /** Confines every thread of all processes to processors. */
    void pin(String processors) throws IOException, InterruptedException {
        for (long pid : pids) {
            Process process = new ProcessBuilder("taskset", "-a", "-cp", processors, Long.toString(pid))
                    .redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IOException(said);
            }
        }
    }

    void unpin() throws IOException, InterruptedException {
        pin("0-" + (Runtime.getRuntime().availableProcessors() - 1));
    }

    @Override
    public void close() {
        client.quit();
        server.quit();
    }
}
