package org.myclerk.runtime.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The commands by name, in the order of the help. Each is made only when it is needed. */
final class Commands {

    static final Map<String, Supplier<Task>> ALL = all();

    private Commands() {
    }

    private static Map<String, Supplier<Task>> all() {
        Map<String, Supplier<Task>> all = new LinkedHashMap<>();
        all.put("up", UpCommand::new);
        all.put("invite", InviteCommand::new);
        all.put("join", JoinCommand::new);
        all.put("peers", PeersCommand::new);
        all.put("revoke", RevokeCommand::new);
        all.put("clients", ClientsCommand::new);
        all.put("requests", RequestsCommand::new);
        all.put("routes", RoutesCommand::new);
        all.put("sessions", SessionsCommand::new);
        all.put("family", FamilyCommand::new);
        all.put("features", FeaturesCommand::new);
        all.put("config", ConfigCommand::new);
        all.put("backup", BackupCommand::new);
        all.put("restore", RestoreCommand::new);
        all.put("devices", DevicesCommand::new);
        all.put("share", ShareCommand::new);
        all.put("unshare", UnshareCommand::new);
        all.put("person", PersonCommand::new);
        all.put("who", WhoCommand::new);
        all.put("why", WhyCommand::new);
        all.put("audit", AuditCommand::new);
        all.put("ops", OpsCommand::new);
        all.put("call", CallCommand::new);
        all.put("watch", WatchCommand::new);
        all.put("serial", SerialCommand::new);
        all.put("gpio", GpioCommand::new);
        all.put("i2c", I2cCommand::new);
        all.put("spi", SpiCommand::new);
        all.put("can", CanCommand::new);
        all.put("onewire", OneWireCommand::new);
        all.put("doctor", DoctorCommand::new);
        all.put("completion", CompletionCommand::new);
        all.put("version", VersionCommand::new);
        return all;
    }
}
