// SPDX-License-Identifier: Apache-2.0
// links: passerelle_seal
#include "test.h"

#include "seal/tree.h"

static struct hash hash_of_hex(const char *hex)
{
	struct hash hash;
	for (int i = 0; i < HASH_SIZE; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
		hash.byte[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return hash;
}

static void assert_hash(struct hash got, const char *hex)
{
	char text[HASH_HEX_SIZE];
	hash_to_hex(&got, text);
	assert_string_equal(text, hex);
}

// The eight leaves with which every log of RFC 6962 is tested.
static const struct {
	const char *data;
	size_t length;
} entries[8] = {
	{"", 0}, {"\x00", 1}, {"\x10", 1}, {"\x20\x21", 2}, {"\x30\x31", 2}, {"\x40\x41\x42\x43", 4},
	{"\x50\x51\x52\x53\x54\x55\x56\x57", 8}, {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
};

static void known_leaves(struct hash leaf[8])
{
	for (int i = 0; i < 8; i++)
		leaf[i] = tree_leaf(view_of(entries[i].data, entries[i].length));
}

static void roots_are_those_that_are_known_for_rfc_6962(void **state)
{
	(void)state;
	static const char *const roots[9] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct hash leaf[8];
	known_leaves(leaf);
	for (size_t count = 0; count <= 8; count++)
		assert_hash(tree_root(leaf, count), roots[count]);
}

static void a_path_holds_the_neighbours_from_below(void **state)
{
	(void)state;
	struct hash leaf[8], path[3];
	known_leaves(leaf);
	size_t count = 3;
	tree_path(leaf, 8, 0, path, &count);
	assert_int_equal(count, 3);
	assert_hash(path[0], "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
	assert_hash(path[1], "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
	assert_hash(path[2], "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
}

enum { MOST = 65, DEEPEST = 7 };

static void fill(struct hash *leaf, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t entry[2] = {(uint8_t)i, 0x5a};
		leaf[i] = tree_leaf(view_of(entry, sizeof entry));
	}
}

static bool leads_to(const struct hash *root, const struct hash *leaf, size_t index, size_t leaves,
                     const struct hash *path, size_t count)
{
	struct hash climbed;
	return tree_climb(&climbed, leaf, index, leaves, path, count) == FAIL_NONE && hash_equal(&climbed, root);
}

static void every_path_up_to_65_leaves_leads_to_the_root_and_only_from_its_own_place(void **state)
{
	(void)state;
	struct hash leaf[MOST], path[DEEPEST + 1];
	fill(leaf, MOST);
	for (size_t leaves = 1; leaves <= MOST; leaves++) {
		struct hash root = tree_root(leaf, leaves);
		for (size_t index = 0; index < leaves; index++) {
			size_t count = DEEPEST;
			tree_path(leaf, leaves, index, path, &count);
			assert_true(leads_to(&root, &leaf[index], index, leaves, path, count));
			assert_false(leads_to(&root, &leaf[index], index + 1, leaves, path, count));
			assert_false(leads_to(&root, &leaf[(index + 1) % MOST], index, leaves, path, count));
			path[count] = root;
			assert_false(leads_to(&root, &leaf[index], index, leaves, path, count + 1));
			if (count > 0)
				assert_false(leads_to(&root, &leaf[index], index, leaves, path, count - 1));
		}
	}
}

static void a_flipped_bit_in_any_path_is_found(void **state)
{
	(void)state;
	struct hash leaf[MOST], path[DEEPEST];
	fill(leaf, MOST);
	for (size_t leaves = 2; leaves <= MOST; leaves++) {
		struct hash root = tree_root(leaf, leaves);
		for (size_t index = 0; index < leaves; index++) {
			size_t count = DEEPEST;
			tree_path(leaf, leaves, index, path, &count);
			for (size_t node = 0; node < count; node++) {
				path[node].byte[(index + node) % HASH_SIZE] ^= (uint8_t)(1u << leaves % 8);
				assert_false(leads_to(&root, &leaf[index], index, leaves, path, count));
				path[node].byte[(index + node) % HASH_SIZE] ^= (uint8_t)(1u << leaves % 8);
			}
		}
	}
}

static void a_place_outside_the_tree_is_refused(void **state)
{
	(void)state;
	struct hash leaf = tree_leaf(view_of_text("x")), root;
	assert_int_equal(tree_climb(&root, &leaf, 0, 0, NULL, 0), FAIL_BAD_SIGNATURE);
	assert_int_equal(tree_climb(&root, &leaf, 1, 1, NULL, 0), FAIL_BAD_SIGNATURE);
	assert_int_equal(tree_climb(&root, &leaf, SIZE_MAX, SIZE_MAX, NULL, 0), FAIL_BAD_SIGNATURE);
}

static struct hash hash_by_pieces(const uint8_t *data, size_t length)
{
	struct hash leaf[8];
	size_t count = 0;
	do {
		size_t piece = length < CHUNK_SIZE ? length : CHUNK_SIZE;
		leaf[count++] = tree_leaf(view_of(data, piece));
		data += piece;
		length -= piece;
	} while (length > 0);
	return tree_root(leaf, count);
}

static struct hash hash_in_cuts(const uint8_t *data, size_t length, size_t cut)
{
	struct tree_stream *stream = tree_stream_new();
	assert_non_null(stream);
	for (size_t at = 0; at < length; at += cut)
		assert_ok(tree_stream_add(stream, view_of(data + at, length - at < cut ? length - at : cut)));
	struct hash root = tree_stream_root(stream), again = tree_stream_root(stream);
	assert_true(hash_equal(&root, &again));
	tree_stream_free(stream);
	return root;
}

static void a_stream_hashes_the_same_in_any_cut(void **state)
{
	(void)state;
	enum { LONGEST = 5 * CHUNK_SIZE + 7 };
	uint8_t *data = malloc(LONGEST);
	assert_non_null(data);
	for (size_t i = 0; i < LONGEST; i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	static const size_t lengths[] = {0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE, 3 * CHUNK_SIZE,
	                                 4 * CHUNK_SIZE, LONGEST};
	static const size_t cuts[] = {1000, 16400, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, LONGEST};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct hash expected = hash_by_pieces(data, lengths[i]);
		struct hash whole = tree_hash(view_of(data, lengths[i]));
		assert_true(hash_equal(&whole, &expected));
		for (size_t j = 0; j < sizeof cuts / sizeof *cuts; j++) {
			struct hash got = hash_in_cuts(data, lengths[i], cuts[j]);
			assert_true(hash_equal(&got, &expected));
		}
	}
	free(data);
}

static void an_empty_object_is_one_empty_piece(void **state)
{
	(void)state;
	struct hash expected = hash_of_hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	struct hash got = tree_hash(view_of(NULL, 0));
	assert_true(hash_equal(&got, &expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_that_are_known_for_rfc_6962),
		cmocka_unit_test(a_path_holds_the_neighbours_from_below),
		cmocka_unit_test(every_path_up_to_65_leaves_leads_to_the_root_and_only_from_its_own_place),
		cmocka_unit_test(a_flipped_bit_in_any_path_is_found),
		cmocka_unit_test(a_place_outside_the_tree_is_refused),
		cmocka_unit_test(a_stream_hashes_the_same_in_any_cut),
		cmocka_unit_test(an_empty_object_is_one_empty_piece),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
