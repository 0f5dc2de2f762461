<?php
// Reads frames "OLD NEW REPEAT\n" and so many bytes of two texts; answers
// "LENGTH NANOSECONDS…\n" and JSON of the whole text.
echo extension_loaded('wikidiff2') ? wikidiff2_version() : 'none', "\n";
while (($head = fgets(STDIN)) !== false) {
    [$old, $new, $repeat] = array_map('intval', explode(' ', $head));
    $a = $old > 0 ? stream_get_contents(STDIN, $old) : '';
    $b = $new > 0 ? stream_get_contents(STDIN, $new) : '';
    $took = [];
    for ($i = 0; $i < $repeat; $i++) {
        $start = hrtime(true);
        wikidiff2_inline_json_diff($a, $b, 2);
        $took[] = hrtime(true) - $start;
    }
    $json = wikidiff2_inline_json_diff($a, $b, 1000000000);
    echo strlen($json), ' ', implode(' ', $took), "\n", $json;
    flush();
}
