using NUnit.Framework;
using static CertOperator.Kubernetes.Tests.Runtime.Objects;

namespace CertOperator.Kubernetes.Tests.Runtime;

public sealed class ObjectStoreTests
{
    private const string All = "";

    [Test]
    public void Reads_are_snapshots_that_later_changes_leave_alone()
    {
        var store = new ObjectStore<ConfigMap>();
        store.AddIndexer("value", Values);
        store.Upsert(All, Map("a", "1", value: "x"));
        IReadOnlyList<ConfigMap> list = store.List();
        IReadOnlyList<ConfigMap> found = store.ByIndex("value", "x");

        store.Upsert(All, Map("a", "2", value: "y"));
        store.Upsert(All, Map("b", "3", value: "x"));

        Assert.That(list.Select(o => o.Metadata.ResourceVersion), Is.EqualTo(new[] { "1" }));
        Assert.That(found.Select(o => o.Metadata.ResourceVersion), Is.EqualTo(new[] { "1" }));
        Assert.That(store.List(), Has.Count.EqualTo(2));
        Assert.That(store.List(), Is.SameAs(store.List()), "an unchanged store need not be copied");
    }

    [Test]
    public void An_index_follows_changes_and_deletions()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Upsert(All, Map("before", "1", value: "x"));
        store.AddIndexer("value", Values);
        store.Upsert(All, Map("a", "2", value: "x"));
        store.Upsert(All, Map("b", "3", value: "x"));
        Assert.That(Names(store, "x"), Is.EquivalentTo(new[] { "before", "a", "b" }));

        store.Upsert(All, Map("a", "4", value: "y"));
        store.Remove(All, Map("before", "5"));
        store.Observe(Map("b", "6", value: "z"));

        Assert.That(Names(store, "x"), Is.Empty);
        Assert.That(Names(store, "y"), Is.EqualTo(new[] { "a" }));
        Assert.That(Names(store, "z"), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void A_value_that_an_indexer_gives_twice_files_the_object_once()
    {
        var store = new ObjectStore<ConfigMap>();
        store.AddIndexer("twice", _ => ["x", "x"]);
        store.Upsert(All, Map("a", "1"));

        Assert.That(store.ByIndex("twice", "x"), Has.Count.EqualTo(1));
    }

    [Test]
    public void An_index_survives_a_reader_who_changes_a_stored_object()
    {
        var store = new ObjectStore<ConfigMap>();
        store.AddIndexer("value", Values);
        store.Upsert(All, Map("a", "1", value: "x"));
        store.Get(Key("a"))!.Data!["value"] = "y";

        store.Remove(All, Map("a", "2"));

        Assert.That(Names(store, "x"), Is.Empty);
    }

    [Test]
    public void An_unknown_index_and_a_second_of_the_same_name_are_errors()
    {
        var store = new ObjectStore<ConfigMap>();
        store.AddIndexer("value", Values);

        Assert.That(() => store.ByIndex("other", "x"), Throws.ArgumentException);
        Assert.That(() => store.AddIndexer("value", Values), Throws.ArgumentException);
    }

    [Test]
    public void The_watch_event_of_a_version_that_was_observed_is_still_reported()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Upsert(All, Map("a", "5", value: "old"));
        ConfigMap written = Map("a", "7", value: "new");

        Assert.That(store.Observe(written));
        Assert.That(store.Get(Key("a")), Is.SameAs(written));
        ObjectChange<ConfigMap>? change = store.Upsert(All, Map("a", "7", value: "new"));

        Assert.That(change?.Kind, Is.EqualTo(ObjectChangeKind.Modified));
        Assert.That(change?.Previous?.Data?["value"], Is.EqualTo("old"));
        Assert.That(store.Upsert(All, Map("a", "7", value: "new")), Is.Null, "the second time it is no news");
    }

    [Test]
    public void An_object_that_we_created_is_reported_as_added_when_the_watch_brings_it()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Replace(All, [], "5", ObjectChangeOrigin.Initial);
        store.Observe(Map("a", "7"));

        Assert.That(store.Upsert(All, Map("a", "7"))?.Kind, Is.EqualTo(ObjectChangeKind.Added));
    }

    [Test]
    public void A_watch_event_older_than_our_write_is_reported_and_leaves_our_write_in_place()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Upsert(All, Map("a", "5"));
        store.Observe(Map("a", "9"));

        ObjectChange<ConfigMap>? change = store.Upsert(All, Map("a", "7"));

        Assert.That(change?.Object.Metadata.ResourceVersion, Is.EqualTo("7"));
        Assert.That(store.Get(Key("a"))?.Metadata.ResourceVersion, Is.EqualTo("9"));
        Assert.That(store.Upsert(All, Map("a", "9"))?.Previous?.Metadata.ResourceVersion, Is.EqualTo("7"));
    }

    [TestCase("7", "7", false, TestName = "The_same_version_is_no_news")]
    [TestCase("7", "6", false, TestName = "An_older_version_is_ignored")]
    [TestCase("7", "8", true, TestName = "A_newer_version_is_taken")]
    [TestCase("9", "10", true, TestName = "Versions_are_numbers_not_text")]
    [TestCase("18446744073709551614", "18446744073709551615", true, TestName = "Versions_have_64_bits")]
    [TestCase("7", "abc", true, TestName = "A_version_that_is_no_number_is_taken")]
    [TestCase("abc", "1", true, TestName = "Over_a_version_that_is_no_number_any_is_taken")]
    [TestCase("7", null, true, TestName = "A_missing_version_is_taken")]
    public void Observe_keeps_the_newer(string stored, string? written, bool taken)
    {
        var store = new ObjectStore<ConfigMap>();
        store.Upsert(All, Map("a", stored));

        Assert.That(store.Observe(Map("a", written)), Is.EqualTo(taken));
        Assert.That(store.Get(Key("a"))?.Metadata.ResourceVersion, Is.EqualTo(taken ? written : stored));
    }

    [TestCase("8", false, TestName = "A_write_from_before_the_deletion_does_not_bring_the_object_back")]
    [TestCase("9", false, TestName = "Nor_does_one_of_the_same_version")]
    [TestCase("10", true, TestName = "An_object_that_was_made_anew_after_the_deletion_is_taken")]
    public void Observe_after_a_deletion(string written, bool taken)
    {
        var store = new ObjectStore<ConfigMap>();
        store.Upsert(All, Map("a", "7"));
        store.Remove(All, Map("a", "9"));

        Assert.That(store.Observe(Map("a", written)), Is.EqualTo(taken));
        Assert.That(store.Count, Is.EqualTo(taken ? 1 : 0));
    }

    [Test]
    public void What_a_bookmark_has_passed_and_is_not_there_was_deleted()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Replace(All, [], "5", ObjectChangeOrigin.Initial);
        store.Bookmark(All, "20");

        Assert.That(store.Observe(Map("a", "19")), Is.False);
        Assert.That(store.Observe(Map("a", "21")));
    }

    [Test]
    public void Before_the_first_list_every_write_is_taken()
    {
        var store = new ObjectStore<ConfigMap>();

        Assert.That(store.Observe(Map("a", "3")));
        Assert.That(store.Replace(All, [Map("a", "3")], "5", ObjectChangeOrigin.Initial).Single().Kind, Is.EqualTo(ObjectChangeKind.Added));
    }

    [Test]
    public void The_deletion_of_an_older_incarnation_is_reported_and_leaves_the_newer_in_place()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Upsert(All, Map("a", "5", value: "old"));
        store.Observe(Map("a", "9", value: "new"));

        Assert.That(store.Remove(All, Map("a", "7"))?.Kind, Is.EqualTo(ObjectChangeKind.Deleted));
        Assert.That(store.Get(Key("a"))?.Data?["value"], Is.EqualTo("new"));
        Assert.That(store.Upsert(All, Map("a", "9", value: "new"))?.Kind, Is.EqualTo(ObjectChangeKind.Added));
    }

    [Test]
    public void The_deletion_of_an_unknown_object_is_no_news() =>
        Assert.That(new ObjectStore<ConfigMap>().Remove(All, Map("a", "5")), Is.Null);

    [Test]
    public void A_second_list_gives_only_what_differs()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Replace(All, [Map("same", "1"), Map("changed", "2", value: "old"), Map("gone", "3", value: "last")], "5", ObjectChangeOrigin.Initial);

        List<ObjectChange<ConfigMap>> changes = store.Replace(
            All, [Map("same", "1"), Map("changed", "8", value: "new"), Map("added", "7")], "9", ObjectChangeOrigin.Live);

        Assert.That(
            changes.Select(c => (c.Kind, c.Object.Metadata.Name, c.Origin)),
            Is.EquivalentTo(new[]
            {
                (ObjectChangeKind.Modified, "changed", ObjectChangeOrigin.Live),
                (ObjectChangeKind.Added, "added", ObjectChangeOrigin.Live),
                (ObjectChangeKind.Deleted, "gone", ObjectChangeOrigin.Live),
            }));
        Assert.That(changes.Single(c => c.Kind == ObjectChangeKind.Deleted).Object.Data?["value"], Is.EqualTo("last"));
        Assert.That(store.Count, Is.EqualTo(3));
    }

    [TestCase("8", 0, true, TestName = "A_write_older_than_the_list_that_the_list_lacks_was_deleted")]
    [TestCase("10", 1, false, TestName = "A_write_newer_than_the_list_stays")]
    public void Writes_of_our_own_that_a_list_lacks(string written, int left, bool reported)
    {
        var store = new ObjectStore<ConfigMap>();
        store.Replace(All, [], "5", ObjectChangeOrigin.Initial);
        store.Observe(Map("a", written));

        List<ObjectChange<ConfigMap>> changes = store.Replace(All, [], "9", ObjectChangeOrigin.Live);

        Assert.That(store.Count, Is.EqualTo(left));
        Assert.That(changes, Has.Count.EqualTo(reported ? 1 : 0));
    }

    [Test]
    public void An_object_that_was_deleted_and_made_anew_by_us_around_a_list_is_reported_as_deleted_and_stays()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Replace(All, [Map("a", "3", value: "old")], "5", ObjectChangeOrigin.Initial);
        store.Observe(Map("a", "10", value: "new"));

        List<ObjectChange<ConfigMap>> changes = store.Replace(All, [], "9", ObjectChangeOrigin.Live);

        Assert.That(changes.Single().Kind, Is.EqualTo(ObjectChangeKind.Deleted));
        Assert.That(changes.Single().Object.Data?["value"], Is.EqualTo("old"));
        Assert.That(store.Get(Key("a"))?.Data?["value"], Is.EqualTo("new"));
    }

    [Test]
    public void After_the_restoration_of_a_backup_the_list_is_right_although_its_version_is_lower()
    {
        var store = new ObjectStore<ConfigMap>();
        store.Replace(All, [Map("a", "90", value: "lost")], "95", ObjectChangeOrigin.Initial);

        store.Replace(All, [Map("a", "40", value: "restored")], "50", ObjectChangeOrigin.Live);

        Assert.That(store.Get(Key("a"))?.Data?["value"], Is.EqualTo("restored"));
        Assert.That(store.Observe(Map("a", "51", value: "next")));
    }

    [Test]
    public void Each_namespace_has_a_position_and_a_list_of_its_own()
    {
        var store = new ObjectStore<ConfigMap>(new StoreScope(["one", "two"], LabelSelector.Parse(null)));
        store.Replace("one", [Map("a", "1", "one")], "100", ObjectChangeOrigin.Initial);
        store.Replace("two", [], "10", ObjectChangeOrigin.Initial);

        Assert.That(store.Observe(Map("b", "50", "one")), Is.False);
        Assert.That(store.Observe(Map("b", "50", "two")));
        Assert.That(store.Observe(Map("b", "500", "three")), Is.False, "nobody watches that namespace");
        Assert.That(store.Replace("two", [], "60", ObjectChangeOrigin.Live), Has.Count.EqualTo(1), "the other namespace's objects stay");
        Assert.That(store.Count, Is.EqualTo(1));
    }

    [Test]
    public void A_write_whose_labels_are_not_watched_is_not_taken()
    {
        var store = new ObjectStore<ConfigMap>(new StoreScope([], LabelSelector.Parse("app=web")));

        Assert.That(store.Observe(Map("a", "1")), Is.False);
        Assert.That(store.Observe(Map("a", "1", labels: new() { ["app"] = "web" })));
    }

    [Test]
    public async Task Readers_never_see_an_index_and_an_object_disagree()
    {
        var store = new ObjectStore<ConfigMap>();
        store.AddIndexer("value", Values);
        Task writer = Task.Run(() =>
        {
            for (int i = 1; i <= 50_000; i++)
            {
                store.Upsert(All, Map("a", $"{i}", value: i % 2 == 0 ? "even" : "odd"));
            }
        });
        int wrong = 0;
        Task reader = Task.Run(() =>
        {
            while (!writer.IsCompleted)
            {
                wrong += store.ByIndex("value", "even").Count(o => o.Data!["value"] != "even");
                wrong += store.List().Count > 1 ? 1 : 0;
            }
        });

        await Task.WhenAll(writer, reader);

        Assert.That(wrong, Is.Zero);
    }

    private static IEnumerable<string> Names(ObjectStore<ConfigMap> store, string value) =>
        store.ByIndex("value", value).Select(o => o.Metadata.Name);
}
