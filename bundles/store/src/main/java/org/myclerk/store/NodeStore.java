package org.myclerk.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The node's own store: {@code store/node.db} in its home. */
@Component(service = Store.class, configurationPid = "org.myclerk.core.node",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = NodeStore.Config.class)
public final class NodeStore implements Store {

    /** The part of the node's configuration that concerns its state. */
    @ObjectClassDefinition(name = "State")
    public @interface Config {

        /** The node's folder. */
        String home();

        /** Whether to begin with nothing after the state was found damaged and set aside. */
        @AttributeDefinition(
                description = "Begin with nothing after the state was found damaged and set aside")
        boolean startEmpty() default false;
    }

    private final SqliteStore store;

    /**
     * @throws org.myclerk.api.store.StoreException if the state cannot be used, with a sentence for people
     */
    @Activate
    public NodeStore(Config config) {
        Path home = Path.of(config.home());
        NativeLibrary.load(home.resolve("run"));
        store = new SqliteStore(home.resolve("store").resolve("node.db"), config.startEmpty());
    }

    @Deactivate
    void stop() {
        store.close();
    }

    @Override
    public Optional<Bytes> get(String bucket, String key) {
        return store.get(bucket, key);
    }

    @Override
    public List<Entry> scan(String bucket, String prefix, String after, int limit) {
        return store.scan(bucket, prefix, after, limit);
    }

    @Override
    public void write(List<Change> changes) {
        store.write(changes);
    }

    @Override
    public boolean putIfAbsent(String bucket, String key, Bytes value) {
        return store.putIfAbsent(bucket, key, value);
    }

    @Override
    public void backup(Path file) {
        store.backup(file);
    }
}
