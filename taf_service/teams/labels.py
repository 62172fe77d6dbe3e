"""Two random words by which a practitioner knows a case in their calendar (invitations rule 10).

They say nothing: no names, nothing of people, bodies, health, homes, drink, weapons or the police;
plain things that can be pictured, spelt and read out.
"""

from __future__ import annotations

from uuid import UUID

_KINDS = """
Acrylic Adjustable Airy Alabaster Alpine Aluminium Angular Aquatic Arched Assorted Atlantic
Autumnal Balsa Bamboo Banded Baroque Beaded Beige Bevelled Blended Blueberry Botanical Braided
Branching Breezy Bronze Brushed Bundled Burgundy Burnished Buttery Buttoned Candlelit Canvas
Cardboard Carved Cedarwood Ceramic Chalky Checked Chestnut Chiffon Chrome Circular Citrus
Clattering Clockwork Cloudless Coastal Cobalt Coiled Colourful Concentric Conical Corduroy
Corked Cornered Corrugated Cosmic Crafted Crimson Crinkled Crispy Crocheted Crunchy Crystalline
Cubic Curled Cushioned Cylindrical Dappled Decorated Denim Detachable Diagonal Domed Dotted
Dovetailed Downy Echoing Edged Eggshell Elliptical Elongated Embossed Embroidered Enamelled
Engraved Equatorial Etched Fabric Faceted Feathered Feathery Felted Festooned Filigree
Flickering Floating Floral Flowery Fluffy Fluted Foamy Foldaway Folded Frilly Frosted Galvanised
Gilded Gingham Glazed Gleaming Glossy Glowing Grained Grainy Granite Granular Grassy Grooved
Handmade Hazelnut Helical Herringbone Hexagonal Hinged Hooped Humming Inlaid Interlaced
Iridescent Jangling Jingling Jointed Kaleidoscopic Knitted Lacquered Ladderback Latticed Layered
Lightweight Lilting Limestone Linen Linked Looped Lunar Magenta Magnetic Mahogany Mapped Marbled
Maroon Matching Mechanical Metallic Miniature Minted Mirrored Modular Mossy Mottled Moulded
Mulberry Musical Mustard Nautical Nutmeg Oaken Oblong Octagonal Opaline Origami Ornamental
Ornate Oval Overlapping Painted Panelled Papered Papery Parallel Parquet Pastel Patchwork
Patterned Pebbly Peppermint Peppery Pewter Pinstriped Pistachio Pivoting Plaited Planed
Planetary Platinum Pleated Plush Pointed Polished Poppyseed Porcelain Portable Printed Prismatic
Purple Quartz Quilted Raffia Raspberry Rattling Rectangular Reflective Ribbed Ribboned Ringing
Rippling Riveted Rolled Rolling Rotating Ruffled Rustling Sanded Sandstone Satin Scalloped
Seagrass Seaside Sequinned Shimmering Shiny Silken Silvery Slate Slatted Sliding Smooth Solar
Spacious Sparkling Speckled Spherical Spinning Spiral Spotted Springy Square Stamped Starlit
Starry Stencilled Stippled Stitched Strawberry Striped Studded Suede Sugary Swaying Symmetrical
Tangerine Tapered Tasselled Teakwood Telescopic Terracotta Textured Thatched Threaded Tiled
Timber Tinkling Tinted Towelling Trailing Triangular Tubular Tufted Turquoise Tweedy Twill
Twinkling Undulating Upholstered Varnished Veneered Vintage Walnut Wavy Waxed Whirring Whistling
Whittled Wicker Winding Windswept Wooden Woollen Woven Zigzag
"""

_THINGS = """
Abacus Accordion Acorn Aerial Almanac Anchor Aqueduct Arcade Armchair Artichoke Asteroid Aviary
Avocado Awning Axle Backpack Baguette Balloon Ballpoint Bandstand Bangle Banjo Banner Barometer
Basket Bassoon Beacon Beanbag Beehive Bicycle Binocular Biscuit Blackboard Blanket Boardwalk
Bobsleigh Bookcase Bookmark Boomerang Boulder Bracelet Bramble Brioche Broccoli Brooch Bucket
Butterfly Butterscotch Buttonhole Cabbage Cabinet Calculator Calendar Candlestick Canoe Canopy
Carousel Carpet Cartoon Cartwheel Castanet Catalogue Catamaran Cauliflower Cello Chalkboard
Chandelier Cheesecake Chessboard Chimney Chutney Clarinet Clipboard Cloakroom Clockface Coaster
Colander Collage Comet Compass Concertina Confetti Cookbook Coracle Cornflower Courgette
Courtyard Crayon Croissant Croquet Crossword Cucumber Cupboard Cupcake Curtain Cushion Cymbal
Dandelion Dashboard Deckchair Dictionary Doorbell Doughnut Dragonfly Driftwood Dulcimer Earring
Easel Elevator Emporium Envelope Eraser Fanfare Fiddlestick Filament Fjord Flagpole Flagstone
Flapjack Flipchart Flowerpot Flute Footbridge Footpath Footstool Fountain Foxglove Fresco
Frisbee Funnel Galaxy Galleon Gazebo Geyser Gherkin Glider Globe Glockenspiel Gondola Gooseberry
Gramophone Granary Grapefruit Gravel Greenhouse Guitar Gyroscope Hammock Handbell Handlebar
Harbour Harmonica Harpsichord Hatstand Haystack Headland Hedgerow Helicopter Hexagon Hillside
Honeycomb Hopscotch Horseshoe Inkwell Island Jamjar Jetty Jigsaw Joystick Jukebox Kayak Keyboard
Keyring Kite Knapsack Lacrosse Ladder Ladle Lampshade Landmark Lantern Lawnmower Lemonade
Letterbox Lettuce Lever Lightship Locomotive Loudspeaker Magnet Mandolin Mango Mantelpiece
Marquee Marshmallow Maze Metronome Microscope Milestone Minibus Monorail Moonbeam Motorboat
Mural Napkin Nebula Necklace Nectarine Notebook Noticeboard Oatcake Oboe Observatory Octagon
Omnibus Orchestra Ottoman Overture Paddle Paintbrush Pamphlet Pancake Papaya Paperclip Parachute
Parasol Parcel Parsnip Pavilion Pebble Pedal Pendulum Peninsula Pepperpot Periscope Piano
Piccolo Picnic Pinboard Pineapple Pinwheel Pizza Planet Plateau Pocketbook Pomegranate Pontoon
Porridge Postbox Postcard Propeller Puddle Pulley Pumpkin Puzzle Pyramid Quartet Quayside Quilt
Radish Railway Raincoat Raisin Reservoir Rhubarb Ribbon Roadmap Rocket Roundabout Rowboat
Rucksack Rudder Ruler Sailboat Sandcastle Sandwich Satchel Satellite Saucepan Saucer Saxophone
Schooner Scone Scooter Seashell Seesaw Semaphore Sextant Shoelace Sideboard Signpost Skateboard
Skylight Skyscraper Snorkel Sofa Sorbet Spaceship Spanner Spatula Spindle Spinney Sprocket
Stairway Stapler Starfish Steamboat Stencil Stepladder Stopwatch Sundial Sunflower Surfboard
Sycamore Symphony Tablecloth Tambourine Tangram Tapestry Teacup Teapot Teaspoon Telescope
Thimble Timetable Toaster Toboggan Toolbox Topiary Tractor Trampoline Treehouse Treetop Trellis
Tricycle Trolley Trombone Trowel Trumpet Tugboat Tulip Turbine Turntable Typewriter Ukulele
Umbrella Unicycle Viaduct Violin Waffle Walkway Wallpaper Wardrobe Waterfall Watermill
Weathervane Wheelbarrow Whirligig Whisk Whistle Wickerwork Windmill Windsock Wristwatch
Xylophone Yacht Yardstick Yoghurt Yoyo Zeppelin Zither
"""

KINDS, THINGS = tuple(_KINDS.split()), tuple(_THINGS.split())

_RANDOM_BITS = 62  # the last of a random UUID; the others carry its version and variant


def label(drawn: UUID) -> str:
    """The two words that a random id stands for."""
    number = drawn.int % (1 << _RANDOM_BITS)
    rest, kind = divmod(number, len(KINDS))
    return f"{KINDS[kind]} {THINGS[rest % len(THINGS)]}"
